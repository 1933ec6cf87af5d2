"""A payer of a test app: by its habit it pays what it owes while the app's clock is moved on."""

from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Column, ForeignKey, Index, Text, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.calendar import zone_info
from payment_service.kit.schema import Instant, one_of, table
from payment_service.kit.statements import (
    Record,
    Statement,
    Transaction,
    command,
    param,
    query,
    rows_of,
    stored_in,
)
from payment_service.model.charge import charges
from payment_service.model.invoice import Kind, Schedule, invoices
from payment_service.model.subscription import subscriptions

Habit = Literal[
    "pays_on_time",
    "pays_on_last_day",
    "pays_late",
    "pays_twice",
    "pays_old_code",
    "never_pays",
]
HABITS: tuple[Habit, ...] = get_args(Habit)
Step = Literal["open", "pay", "pay_old", "pay_both"]

EARLY = timedelta(days=3)
"""How long before the due day those pay who pay on time."""
LATE = timedelta(days=2)
"""How long after the last day of grace those pay who pay late."""
MORNING, EVENING = time(10), time(20)
THINKING = timedelta(hours=1)
"""Nobody pays sooner after the issue."""
TWO_CODES = timedelta(minutes=20)
"""From an old code to the next: a simulated one can be scanned for 15 minutes."""
KEPT = timedelta(hours=20)
"""An older code is not paid any more: the simulator forgets it after a day."""

payers = table(
    "payers",
    Column("subscription_id", Text, ForeignKey("subscriptions.id"), primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("habit", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    one_of("habit", HABITS),
    Index(None, "app_id"),
)


@stored_in(payers)
class Payer(Record, frozen=True):
    """The one of a subscription."""

    subscription_id: str
    app_id: str
    habit: Habit
    created_at: datetime


PAYER = query(rows_of(Payer).where(payers.c.subscription_id == param("subscription_id")), Payer)
PUT_PAYER = command(
    insert(payers)
    .values(
        subscription_id=param("subscription_id"),
        app_id=param("app_id"),
        habit=param("habit"),
        created_at=param("now"),
    )
    .on_conflict_do_update(index_elements=["subscription_id"], set_={"habit": param("habit")})
)
DROP_PAYER = command(delete(payers).where(payers.c.subscription_id == param("subscription_id")))


class Owed(Record, frozen=True):
    """An open invoice of a subscription with a payer. `first_code_at` is when the oldest of its
    codes was made that can still be paid."""

    invoice_id: str
    habit: Habit
    kind: Kind
    created_at: datetime
    due_on: date
    void_at: datetime | None
    schedule: Schedule
    grace_until: date | None
    first_code_at: datetime | None


class PayerStep(NamedTuple):
    """What a payer does next about an invoice, and when."""

    at: datetime
    step: Step
    invoice_id: str


def _owed(kinds: tuple[Kind, ...]) -> Statement[Owed]:
    is_open = and_(
        invoices.c.subscription_id == payers.c.subscription_id,
        invoices.c.status == "open",
        invoices.c.kind.in_(kinds) if len(kinds) > 1 else invoices.c.kind == kinds[0],
    )
    first_code = (
        select(func.min(charges.c.created_at))
        .where(
            charges.c.invoice_id == invoices.c.id,
            charges.c.reference.is_not(None),
            charges.c.created_at > param("codes_since"),
        )
        .scalar_subquery()
    )
    return query(
        select(
            invoices.c.id.label("invoice_id"),
            payers.c.habit,
            invoices.c.kind,
            invoices.c.created_at,
            invoices.c.due_on,
            invoices.c.void_at,
            invoices.c.schedule,
            subscriptions.c.grace_until,
            first_code.label("first_code_at"),
        )
        .select_from(
            payers.join(invoices, is_open).join(
                subscriptions, subscriptions.c.id == payers.c.subscription_id
            )
        )
        .where(payers.c.app_id == param("app_id"), payers.c.habit != "never_pays"),
        Owed,
    )


OWED_FOR_PERIODS = _owed(("first", "renewal"))
OWED_FOR_UPGRADES = _owed(("upgrade",))


def payer_steps(tx: Transaction, app_id: str, zone: str, now: datetime) -> list[PayerStep]:
    """The next step about each invoice that a payer owes, the earliest first."""
    given = {"app_id": app_id, "codes_since": now - KEPT}
    owed = tx.all(OWED_FOR_PERIODS, **given) + tx.all(OWED_FOR_UPGRADES, **given)
    return sorted(next_step(one, zone) for one in owed)


def next_step(owed: Owed, zone: str) -> PayerStep:
    """Those with two codes make the first when others pay, and pay some minutes later."""
    at = pays_at(owed, zone)
    if owed.habit not in ("pays_twice", "pays_old_code") or owed.kind == "upgrade":
        return PayerStep(at, "pay", owed.invoice_id)
    if owed.first_code_at is None:
        return PayerStep(at, "open", owed.invoice_id)
    step: Step = "pay_both" if owed.habit == "pays_twice" else "pay_old"
    return PayerStep(max(at, owed.first_code_at + TWO_CODES), step, owed.invoice_id)


def pays_at(owed: Owed, zone: str) -> datetime:
    """What has no grace is paid before its time is over, also by those who pay late."""
    soonest = owed.created_at + THINKING
    latest = owed.void_at - THINKING if owed.void_at is not None else None
    if owed.kind == "upgrade":
        at = soonest
    elif owed.kind == "first" and latest is not None and owed.habit in _TARDY:
        at = latest
    elif owed.habit in _TARDY:
        ends = owed.grace_until or owed.due_on + timedelta(days=owed.schedule.grace_days)
        late = owed.habit == "pays_late"
        at = _local(ends + LATE, MORNING, zone) if late else _local(ends, EVENING, zone)
    else:
        at = _local(owed.due_on - EARLY, MORNING, zone)
    at = max(at, soonest)
    return at if latest is None else max(min(at, latest), owed.created_at)


_TARDY: tuple[Habit, ...] = ("pays_on_last_day", "pays_late")


def _local(day: date, hour: time, zone: str) -> datetime:
    return datetime.combine(day, hour, zone_info(zone))
