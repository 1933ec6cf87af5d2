"""A charge: one QRIS code asked from the gateway for one invoice, matchable for good.

A charge's id is the order id that the gateway knows, unless another system named the order.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    func,
    select,
    text,
    update,
)

from payment_service.kit.errors import Conflict
from payment_service.kit.schema import Flag, Instant, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    command,
    param,
    query,
    rows_of,
    stored_in,
    value,
)
from payment_service.model.invoice import invoices

Status = Literal["opening", "open", "replaced", "expired", "paid", "canceled", "failed"]

MOVES: dict[Status, tuple[Status, ...]] = {
    "opening": ("open", "replaced", "expired", "failed", "paid"),
    "open": ("replaced", "expired", "paid", "canceled"),
    # Money comes on old codes too, and none of it may be lost.
    "replaced": ("paid", "canceled"),
    "expired": ("paid", "canceled"),
    "canceled": ("paid",),
    "failed": ("paid",),
    "paid": (),
}

OPENING_PATIENCE = timedelta(minutes=10)

charges = table(
    "charges",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("invoice_id", Text, ForeignKey("invoices.id"), nullable=False),
    Column("gateway", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount", Number, nullable=False),
    Column("periods", Number, nullable=False),
    Column("ahead", Number, nullable=False, server_default=text("0")),
    Column("order_id", Text),
    Column("reference", Text),
    Column("fee", Number),
    Column("gateway_fee", Number),
    Column("total_payment", Number),
    Column("qr_string", Text),
    Column("is_sandbox", Flag),
    Column("opened_at", Instant),
    Column("expires_at", Instant),
    Column("shown_at", Instant),
    Column("noticed_at", Instant),
    Column("check_at", Instant),
    Column("checked_at", Instant),
    Column("failed_checks", Number, nullable=False),
    Column("lease_until", Instant),
    Column("cancel_at", Instant),
    Column("cancel_tries", Number, nullable=False, server_default=text("0")),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    one_of("status", tuple(MOVES)),
    CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
    CheckConstraint("periods BETWEEN 1 AND 36", name="periods"),
    Index(
        "one_open_charge",
        "invoice_id",
        unique=True,
        sqlite_where=text("status IN ('opening', 'open')"),
        postgresql_where=text("status IN ('opening', 'open')"),
    ),
    Index(None, "invoice_id", "id"),
    Index(None, "app_id", "reference"),
    Index(
        "one_charge_an_order",
        "app_id",
        "order_id",
        unique=True,
        sqlite_where=text("order_id IS NOT NULL"),
        postgresql_where=text("order_id IS NOT NULL"),
    ),
    Index(
        "charges_of_app_to_check",
        "app_id",
        "check_at",
        sqlite_where=text("check_at IS NOT NULL"),
        postgresql_where=text("check_at IS NOT NULL"),
    ),
    Index(
        "charges_to_cancel",
        "cancel_at",
        sqlite_where=text("cancel_at IS NOT NULL"),
        postgresql_where=text("cancel_at IS NOT NULL"),
    ),
    Index(
        "charges_of_app_to_cancel",
        "app_id",
        "cancel_at",
        sqlite_where=text("cancel_at IS NOT NULL"),
        postgresql_where=text("cancel_at IS NOT NULL"),
    ),
)


@stored_in(charges)
class Charge(Record, frozen=True):
    """`amount` is what was asked for, `total_payment` what the payer is debited, in rupiah.

    `fee` is what the payer is debited beyond the amount, `gateway_fee` what the gateway keeps,
    whoever bears it. `ahead` is the part of `amount` that buys periods beyond the invoice's own.
    `order_id` is set where another system named the order, as in an import. `cancel_at` is when the
    gateway is next asked to close the code.
    """

    id: str
    app_id: str
    invoice_id: str
    gateway: str
    status: Status
    amount: int
    periods: int
    ahead: int
    order_id: str | None
    reference: str | None
    fee: int | None
    gateway_fee: int | None
    total_payment: int | None
    qr_string: str | None
    is_sandbox: bool | None
    opened_at: datetime | None
    expires_at: datetime | None
    shown_at: datetime | None
    noticed_at: datetime | None
    check_at: datetime | None
    checked_at: datetime | None
    failed_checks: int
    lease_until: datetime | None
    cancel_at: datetime | None
    cancel_tries: int
    created_at: datetime
    version: int

    @property
    def order(self) -> str:
        """What the gateway knows it by."""
        return self.order_id or self.id


CHARGE = query(rows_of(Charge).where(charges.c.id == param("id")), Charge)
CHARGE_LOCKED = query(rows_of(Charge).where(charges.c.id == param("id")).with_for_update(), Charge)
CHARGE_OF_ORDER = query(
    rows_of(Charge).where(
        charges.c.app_id == param("app_id"), charges.c.order_id == param("order_id")
    ),
    Charge,
)
"""By the name that another system gave the order; those of our own are found by id."""
CHARGE_BY_REFERENCE = query(
    rows_of(Charge).where(
        charges.c.app_id == param("app_id"), charges.c.reference == param("reference")
    ),
    Charge,
)
OPEN_CHARGE = query(
    rows_of(Charge)
    .where(charges.c.invoice_id == param("invoice_id"), charges.c.status.in_(("opening", "open")))
    .with_for_update(),
    Charge,
)
LATEST_CHARGE = query(
    rows_of(Charge)
    .where(charges.c.invoice_id == param("invoice_id"))
    .order_by(charges.c.id.desc())
    .limit(1),
    Charge,
)
CHARGES_OF_INVOICE = query(
    rows_of(Charge).where(charges.c.invoice_id == param("invoice_id")).order_by(charges.c.id),
    Charge,
)

WATCHED_CHARGES = value(
    select(func.count())
    .select_from(charges)
    .where(charges.c.app_id == param("app_id"), charges.c.check_at.is_not(None)),
    int,
)
"""How many of an app's codes can still be paid, as far as we know."""
CLOSE_CODES = command(
    update(charges)
    .where(
        charges.c.invoice_id == param("invoice_id"),
        charges.c.id != param("except_id"),
        charges.c.status.in_(("open", "replaced")),
        charges.c.cancel_at.is_(None),
    )
    .values(cancel_at=param("now"), version=charges.c.version + 1)
)
"""What nobody should pay any more, because the invoice is void or was paid otherwise."""


class Path(Record, frozen=True):
    """What a charge hangs on, by id: enough to take the locks in their order."""

    app_id: str
    customer_id: str
    subscription_id: str | None
    invoice_id: str


PATH = query(
    select(
        charges.c.app_id,
        invoices.c.customer_id,
        invoices.c.subscription_id,
        charges.c.invoice_id,
    )
    .join(invoices, invoices.c.id == charges.c.invoice_id)
    .where(charges.c.id == param("id")),
    Path,
)


def moved(charge: Charge, to: Status, **changes: Any) -> Charge:
    """The charge in its next state. Raises Conflict when MOVES has no such move."""
    if to not in MOVES[charge.status]:
        raise Conflict(
            "charge_state",
            f"A charge that is {charge.status} cannot become {to}.",
            id=charge.id,
            state=charge.status,
        )
    return msgspec.structs.replace(charge, status=to, **changes)


def close_codes(tx: Transaction, invoice_id: str, now: datetime, *, but: str = "") -> None:
    """Have the worker ask the gateway to cancel the invoice's living codes, except that one.

    Best effort: money that comes in spite of it is settled as the rules say.
    """
    tx.run(CLOSE_CODES, invoice_id=invoice_id, except_id=but, now=now)


def is_reusable(charge: Charge, amount: int, periods: int, now: datetime) -> bool:
    """Whether the code may be handed out again: the right sum, and life enough to pay it.

    Enough is two minutes, or half of a shorter life. A code still to come is waited for under the
    same order for ten minutes: a gateway that gives none for it by then may give one for another.
    """
    if charge.amount != amount or charge.periods != periods:
        return False
    if charge.status == "opening":
        return now - charge.created_at < OPENING_PATIENCE
    if charge.expires_at is None or charge.opened_at is None:
        return False
    enough = min(timedelta(minutes=2), (charge.expires_at - charge.opened_at) / 2)
    return charge.status == "open" and charge.expires_at - now >= enough
