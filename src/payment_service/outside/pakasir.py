"""Pakasir, version 2 of its API: one project, every call bounded, every answer checked."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

import msgspec

from payment_service.kit.clock import Clock, monotonic
from payment_service.outside.call_limit import CallLimit
from payment_service.outside.gateway import CodeStatus, GatewayError, GatewayStatus, OpenedCode
from payment_service.outside.gateway_calls import GatewayCalls, NoAnswer
from payment_service.outside.session import GuardedSession

TOTAL_SECONDS = 10.0
LARGEST_TOLD = 10**12
"""Rupiah; more is no amount, and as `1e999999` not even a number one can hold."""
FIRST_TRY = 0.6
"""The share of the time after which an unanswered create is asked again."""

STATUSES: dict[str, GatewayStatus] = {
    "pending": "pending",
    "completed": "completed",
    "canceled": "canceled",
    "cancelled": "canceled",
}

Figure = int | float | str | None


class Created(msgspec.Struct, frozen=True):
    """The answer to create. The documents say `expired_at`, the live API sends `expires_at`."""

    txn_id: str
    order_id: str
    amount: Figure
    qr_string: str
    project: str | None = None
    fee: Figure = None
    total_payment: Figure = None
    expired_at: str | None = None
    expires_at: str | None = None
    is_sandbox: bool | None = None


class Told(msgspec.Struct, frozen=True):
    """The answer to status."""

    order_id: str
    amount: Figure
    status: str
    txn_id: str | None = None
    is_sandbox: bool | None = None
    completed_at: str | None = None


class PakasirGateway:
    """One project. All instances for one project share one `limit` on the calls in flight."""

    smallest = 500
    largest = 10_000_000

    def __init__(
        self,
        session: GuardedSession,
        clock: Clock,
        *,
        origin: str,
        project: str,
        api_key: str,
        limit: CallLimit | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._project = project
        self._seconds = total_seconds
        self.limit = limit or CallLimit()
        self._calls = GatewayCalls(
            session, clock, origin, {"X-Api-Key": api_key}, secret=api_key, limit=self.limit
        )

    async def open(self, order_id: str, amount: int) -> OpenedCode:
        ends = monotonic() + self._seconds
        while True:
            try:
                return self._opened(await self._create(order_id, amount, ends), order_id, amount)
            except GatewayError as error:
                # It makes two codes a second; a third waits its turn while there is time.
                wait = max(0.5, error.retry_after or 0)
                if error.fault != "busy" or monotonic() + 2 * wait > ends:
                    raise
                await asyncio.sleep(wait)

    async def _create(self, order_id: str, amount: int, ends: float) -> Created:
        call = self._path("create-transaction", order_id)
        body = {"method": "qris", "amount": amount}
        try:
            first = (ends - monotonic()) * FIRST_TRY
            return await self._calls.ask("POST", call, Created, first, body)
        except NoAnswer:
            # Nobody knows whether the code was made; asking again finds it or makes it.
            return await self._calls.ask("POST", call, Created, ends - monotonic(), body)

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        told = await self._calls.ask(
            "GET", self._path("transaction-status", reference), Told, self._seconds
        )
        same("transaction", told.txn_id or reference, reference)
        same("order", told.order_id, order_id)
        status = STATUSES.get(told.status.lower())
        if status is None:
            raise nonsense(f"the unknown status {told.status[:40]!r}")
        # Another amount than was asked for is money all the same: whoever settles decides.
        paid = rupiah(told.amount)
        if not paid:
            raise nonsense("no amount")
        return CodeStatus(
            reference=reference,
            order_id=order_id,
            amount=paid,
            status=status,
            is_sandbox=told.is_sandbox,
            completed_at=instant(told.completed_at) if status == "completed" else None,
        )

    async def cancel(self, order_id: str, reference: str, amount: int) -> None:
        await self._calls.ask(
            "POST", self._path("cancel-transaction", reference), dict[str, Any], self._seconds
        )

    def _path(self, call: str, last: str) -> str:
        return f"/api/v2/{call}/{quote(self._project, safe='')}/{quote(last, safe='')}"

    def _opened(self, made: Created, order_id: str, amount: int) -> OpenedCode:
        same("project", made.project or self._project, self._project)
        same("order", made.order_id, order_id)
        same("amount", rupiah(made.amount), amount)
        if not made.txn_id:
            raise nonsense("no transaction id")
        total = rupiah(made.total_payment)
        fee = rupiah(made.fee)
        if total is None:
            total = amount + (fee or 0)
        if total < amount:
            raise nonsense("a total below the amount")
        expires_at = instant(made.expires_at) or instant(made.expired_at)
        if expires_at is None:
            raise nonsense("no time at which the code expires")
        return OpenedCode(
            reference=made.txn_id,
            order_id=order_id,
            amount=amount,
            total_payment=total,
            fee=total - amount if fee is None else fee,
            qr_string=made.qr_string,
            expires_at=expires_at,
            is_sandbox=made.is_sandbox,
        )


def same(what: str, told: object, asked: object) -> None:
    if told != asked:
        raise nonsense(f"another {what} than was asked for")


def nonsense(what: str) -> GatewayError:
    return GatewayError("nonsense", f"the gateway answered with {what}", retry=False)


def rupiah(figure: Figure) -> int | None:
    """Whole rupiah from a number or its text; None when there is none."""
    if figure is None or figure == "":
        return None
    try:
        number = Decimal(str(figure))
        if 0 <= number <= LARGEST_TOLD and number == int(number):
            return int(number)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    raise nonsense("an amount that is not whole rupiah")


def instant(text: str | None) -> datetime | None:
    """UTC from RFC 3339 with any number of digits; None when it tells no time, as year 1 does."""
    try:
        moment = datetime.fromisoformat(text or "")
        if moment.tzinfo is None or moment.year == 1:
            return None
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
