"""A charge: one QRIS code asked from the gateway for one invoice, matchable for good.

A charge's id is the order id that the gateway knows.
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
    or_,
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
)
from payment_service.model.invoice import invoices

Status = Literal["opening", "open", "replaced", "expired", "paid", "canceled", "failed"]

MOVES: dict[Status, tuple[Status, ...]] = {
    "opening": ("open", "replaced", "failed", "paid"),
    "open": ("replaced", "expired", "paid", "canceled"),
    # Money comes on old codes too, and none of it may be lost.
    "replaced": ("paid", "canceled"),
    "expired": ("paid", "canceled"),
    "canceled": ("paid",),
    "failed": ("paid",),
    "paid": (),
}

CALL_GAP = timedelta(seconds=4)
"""The gateway answers for one transaction at most once in this time."""
LEASE = timedelta(seconds=15)
"""How long one process may be asking; the call itself ends within 10 s."""
BACKOFF = (4, 15, 60, *[300] * 12, 3600)
"""Seconds to wait after the first, second … call in a row that gave no answer; then hourly."""

charges = table(
    "charges",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("invoice_id", Text, ForeignKey("invoices.id"), nullable=False),
    Column("gateway", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount", Number, nullable=False),
    Column("periods", Number, nullable=False),
    Column("reference", Text),
    Column("fee", Number),
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
        "charges_to_check",
        "check_at",
        sqlite_where=text("check_at IS NOT NULL"),
        postgresql_where=text("check_at IS NOT NULL"),
    ),
)


@stored_in(charges)
class Charge(Record, frozen=True):
    """`amount` is what was asked for, `total_payment` what the payer is debited, in rupiah."""

    id: str
    app_id: str
    invoice_id: str
    gateway: str
    status: Status
    amount: int
    periods: int
    reference: str | None
    fee: int | None
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
    created_at: datetime
    version: int


CHARGE = query(rows_of(Charge).where(charges.c.id == param("id")), Charge)
CHARGE_LOCKED = query(rows_of(Charge).where(charges.c.id == param("id")).with_for_update(), Charge)
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
_due = (
    select(
        charges.c.id,
        func.row_number()
        .over(partition_by=charges.c.app_id, order_by=charges.c.check_at)
        .label("place"),
    )
    .where(
        charges.c.check_at <= param("now"),
        or_(charges.c.lease_until.is_(None), charges.c.lease_until <= param("now")),
    )
    .subquery()
)
DUE_CHARGES = query(
    rows_of(Charge)
    .where(charges.c.id.in_(select(_due.c.id).where(_due.c.place <= param("each", Number))))
    .order_by(charges.c.check_at),
    Charge,
)
"""Those whose time has come, at most `each` of an app: one silent gateway holds up nobody else."""
_free = or_(charges.c.lease_until.is_(None), charges.c.lease_until <= param("now"))
_rested = or_(charges.c.checked_at.is_(None), charges.c.checked_at <= param("last_call"))
_claim = (
    update(charges)
    .where(charges.c.id == param("id"), charges.c.status != "paid", _free, _rested)
    .values(
        lease_until=param("lease_until"),
        checked_at=param("now"),
        check_at=param("lease_until"),
        version=charges.c.version + 1,
    )
)
CLAIM_CHARGE = command(_claim)
CLAIM_NOTICED_CHARGE = command(
    _claim.values(
        noticed_at=param("now"), reference=func.coalesce(charges.c.reference, param("reference"))
    )
)
NOTICE_CHARGE = command(
    update(charges)
    .where(charges.c.id == param("id"), charges.c.status != "paid")
    .values(
        noticed_at=param("now"),
        reference=func.coalesce(charges.c.reference, param("reference")),
        check_at=param("check_at"),
        version=charges.c.version + 1,
    )
)


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


def claim(tx: Transaction, charge_id: str, now: datetime) -> bool:
    """Take the right to ask the gateway about this charge, for the length of the lease.

    False when another process is asking, the gateway was asked less than 4 s ago, or it is paid.
    """
    return tx.run(CLAIM_CHARGE, id=charge_id, **_lease(now)) == 1


def claim_noticed(tx: Transaction, charge_id: str, reference: str | None, now: datetime) -> bool:
    """The same for a charge that a notice named.

    Where it cannot be had yet, the charge falls due as soon as the gateway may be asked again.
    `reference` is believed only while the gateway's own answer has not been stored: a notice can
    outrun the answer to the call that made the code.
    """
    lease = _lease(now)
    if tx.run(CLAIM_NOTICED_CHARGE, id=charge_id, reference=reference, **lease) == 1:
        return True
    charge = tx.one(CHARGE, id=charge_id)
    if charge is not None and charge.checked_at is not None:
        soon = charge.checked_at + CALL_GAP
        tx.run(NOTICE_CHARGE, id=charge_id, reference=reference, now=now, check_at=soon)
    return False


def _lease(now: datetime) -> dict[str, datetime]:
    return {"now": now, "last_call": now - CALL_GAP, "lease_until": now + LEASE}


def moved(charge: Charge, to: Status, **changes: Any) -> Charge:
    """The charge in its next state. Raises Conflict when MOVES has no such move."""
    if to not in MOVES[charge.status]:
        raise Conflict(
            "charge_state",
            f"A charge that is {charge.status} cannot become {to}.",
            id=charge.id,
            status=charge.status,
        )
    return msgspec.structs.replace(charge, status=to, **changes)


def next_check(charge: Charge, now: datetime) -> datetime | None:
    """When to ask the gateway again though no notice came; None when there is nothing to hope for.

    Every 2 minutes for half an hour after the code was shown or handed out, every 10 minutes
    while it lives, at its end, 5 minutes and 1 hour later, then daily for 7 days.
    """
    if charge.status in ("paid", "failed") or charge.expires_at is None:
        return None
    end = charge.expires_at
    looked_at = charge.shown_at is not None and now < charge.shown_at + timedelta(minutes=30)
    gap = timedelta(minutes=2 if looked_at else 10)
    if now < end:
        return min(now + gap, end)
    after = [end + timedelta(minutes=5), end + timedelta(hours=1)]
    after += [end + timedelta(days=days) for days in range(1, 8)]
    if looked_at:
        after.insert(0, now + gap)
    return min((at for at in after if at > now), default=None)


def after_failure(charge: Charge, now: datetime) -> datetime:
    """When to ask again after a call that gave no answer."""
    step = min(charge.failed_checks, len(BACKOFF) - 1)
    return now + timedelta(seconds=BACKOFF[step])


def is_reusable(charge: Charge, amount: int, periods: int, now: datetime) -> bool:
    """Whether the code may be handed out again: the right sum, and life enough to pay it.

    Enough is two minutes, or half of a shorter life.
    """
    if charge.amount != amount or charge.periods != periods:
        return False
    if charge.status == "opening":
        return True
    if charge.expires_at is None or charge.opened_at is None:
        return False
    enough = min(timedelta(minutes=2), (charge.expires_at - charge.opened_at) / 2)
    return charge.status == "open" and charge.expires_at - now >= enough
