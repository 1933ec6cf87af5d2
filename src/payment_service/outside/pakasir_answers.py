"""Reading what Pakasir answers, in either version: amounts, times, words, and what must agree."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from yarl import URL

from payment_service.outside.gateway import (
    CodeStatus,
    GatewayError,
    GatewayStatus,
    OpenedCode,
)

LARGEST_TOLD = 10**12
"""Rupiah; more is no amount, and as `1e999999` not even a number one can hold."""

STATUSES: dict[str, GatewayStatus] = {
    "pending": "pending",
    "completed": "completed",
    "canceled": "canceled",
    "cancelled": "canceled",
}

Figure = int | float | str | None


def opened(
    order_id: str,
    asked: int,
    *,
    reference: str,
    amount: Figure,
    fee: Figure,
    total: Figure,
    qr_string: str,
    ends: tuple[object, ...],
    sandbox: object,
) -> OpenedCode:
    """The code, when it is for the amount that was asked. `ends`: its end, under several names.

    Raises GatewayError.
    """
    same("amount", rupiah(amount), asked)
    if not reference:
        raise nonsense("no transaction id")
    if not qr_string:
        raise nonsense("no code")
    total_payment, told_fee = rupiah(total), rupiah(fee)
    if total_payment is None:
        total_payment = asked + (told_fee or 0)
    if total_payment < asked:
        raise nonsense("a total below the amount")
    expires_at = next(filter(None, map(instant, ends)), None)
    if expires_at is None:
        raise nonsense("no time at which the code expires")
    return OpenedCode(
        reference=reference,
        order_id=order_id,
        amount=asked,
        total_payment=total_payment,
        fee=total_payment - asked if told_fee is None else told_fee,
        qr_string=qr_string,
        expires_at=expires_at,
        is_sandbox=flag(sandbox),
    )


def told(
    order_id: str,
    reference: str,
    *,
    amount: Figure,
    status: str,
    completed_at: object,
    sandbox: object,
) -> CodeStatus:
    """What became of it. Another amount than was asked for is money all the same: whoever
    settles decides. Raises GatewayError."""
    known = STATUSES.get(status.lower())
    if known is None:
        raise nonsense("a status that does not exist")
    paid = rupiah(amount)
    if not paid:
        raise nonsense("no amount")
    return CodeStatus(
        reference=reference,
        order_id=order_id,
        amount=paid,
        status=known,
        is_sandbox=flag(sandbox),
        completed_at=instant(completed_at) if known == "completed" else None,
    )


def same(what: str, said: object, asked: object) -> None:
    if said != asked:
        raise nonsense(f"another {what} than was asked for")


def nonsense(what: str) -> GatewayError:
    return GatewayError("nonsense", f"the gateway answered with {what}", retry=False)


def rupiah(figure: object) -> int | None:
    """Whole rupiah from a number or its text; None when there is none. Raises GatewayError."""
    if figure is None or figure == "":
        return None
    number = _number(figure)
    if number is None:
        raise nonsense("an amount that is not whole rupiah")
    return number


def _number(figure: object) -> int | None:
    if isinstance(figure, bool) or not isinstance(figure, int | float | str):
        return None
    try:
        number = Decimal(str(figure))
        if 0 <= number <= LARGEST_TOLD and number == int(number):
            return int(number)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    return None


def instant(text: object) -> datetime | None:
    """UTC from RFC 3339 with any number of digits; None when it tells no time, as year 1 does."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        if moment.tzinfo is None or moment.year == 1:
            return None
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def flag(said: object) -> bool | None:
    """Yes or no, also as its text or 1 and 0; None where the answer does not say.

    Raises GatewayError: money whose kind is unclear is not to be taken for real.
    """
    if said is None or said == "":
        return None
    word = str(said).lower() if isinstance(said, bool | int | str) else None
    if word in ("true", "1"):
        return True
    if word in ("false", "0"):
        return False
    raise nonsense("a sandbox flag that is neither yes nor no")


def fee_for(amount: int, said: Any) -> int:
    """Rupiah, from `1003`, `{"fee": 1003}`, `{"qris": 1003}` or `{"qris": {"fee": 1003}}`.

    Raises GatewayError.
    """
    for _ in range(2):
        if isinstance(said, Mapping):
            said = said.get("qris", said.get("fee"))
    fee = rupiah(said)
    if fee is None or fee > amount:
        raise nonsense("no fee that could be one")
    return fee


def link_at(origin: str, said: object) -> str:
    """A URL that leads to the gateway itself: nobody else is to get our payers. Raises
    GatewayError."""
    try:
        link, home = URL(str(said)), URL(origin)
        at_home = link.origin() == home.origin() or (
            link.scheme == "https" and link.host == home.host and link.port == 443
        )
        if at_home and link.user is None and link.password is None:
            return str(link)
    except (ValueError, TypeError):
        pass
    raise nonsense("a payment link that leads elsewhere")
