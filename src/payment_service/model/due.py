"""What is due: the subscriptions that a billing run looks at, and which steps each must take.

A step follows from dates alone, so a run may come late, twice, or at the same time as another.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from payment_service.kit.schema import Instant, LocalDate, Number
from payment_service.kit.statements import Record, Statement, command, param, query, value
from payment_service.model.app import App
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.customer import Customer, customers
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.plan import Plan
from payment_service.model.subscription import WITH_ACCESS, Subscription, subscriptions

Step = Literal["issue", "settle", "grace", "change", "cancel", "suspend", "wait"]
FRESH = timedelta(hours=24)
"""How old the gateway's answer about a code may be when access is taken away."""
MOST_AT_ONCE = 2048
"""Subscriptions of one stretch."""


class Due(msgspec.Struct, frozen=True):
    """A subscription whose last day is near or past, with what its steps depend on.

    `invoice` is the open first or renewal one, `credit` the customer's in rupiah; `unchecked`
    says that money may have come on a code that the gateway was not asked about lately.
    """

    subscription: Subscription
    customer: Customer
    invoice: Invoice | None
    credit: int
    unchecked: bool


class Place(Record, frozen=True):
    """Where a walk through the subscriptions by their last day stands."""

    paid_through: date
    id: str


_s = subscriptions.c
_key = tuple_(_s.paid_through, _s.id)
_walked = (
    _s.app_id == param("app_id"),
    _s.status.in_(WITH_ACCESS),
    _key > tuple_(param("after_day", LocalDate), param("after_id", _s.id.type)),
)
_within = (*_walked, _key <= tuple_(param("to_day", LocalDate), param("to_id", _s.id.type)))
WINDOW_END = query(
    select(_s.paid_through, _s.id)
    .where(*_walked, _s.paid_through <= param("last_day"))
    .order_by(_s.paid_through, _s.id)
    .limit(1)
    .offset(param("skipped", Number)),
    Place,
)
"""The last subscription of the next stretch, None when fewer are left."""
COUNT_WALK = value(
    select(func.count())
    .select_from(subscriptions)
    .where(
        _s.app_id == param("app_id"), _s.status.in_(WITH_ACCESS), _s.paid_through <= param("day")
    ),
    int,
)
_today = param("today", LocalDate)
_is_ahead = _s.paid_through >= _today
_ended = _s.paid_through < _today
OPEN_INVOICE_OF = and_(
    invoices.c.subscription_id == _s.id,
    invoices.c.status == "open",
    invoices.c.kind.in_(("first", "renewal")),
)
_unpaid = invoices.alias("unpaid")
UNCHECKED = and_(
    charges.c.status.not_in(("paid", "canceled")),
    # The gateway never made that one.
    or_(charges.c.status != "failed", charges.c.reference.is_not(None)),
    or_(
        charges.c.checked_at.is_(None),
        charges.c.checked_at < param("fresh_since", Instant()),
        charges.c.failed_checks > 0,
        charges.c.lease_until > param("now", Instant()),
    ),
)
HAS_UNCHECKED = exists(
    select(literal(1))
    .select_from(_unpaid.join(charges, charges.c.invoice_id == _unpaid.c.id))
    .where(_unpaid.c.subscription_id == _s.id, _unpaid.c.status != "paid", UNCHECKED)
)
CREDIT_OF = (
    select(func.coalesce(func.sum(credit_entries.c.amount), 0).cast(Number))
    .where(credit_entries.c.customer_id == _s.customer_id)
    .scalar_subquery()
    .label("credit")
)
# Most of those ahead of their last day have their invoice, which two indexes tell without a look
# at any row: they are three quarters of a walk.
_to_renew = (
    select(_s.id, _s.paid_through)
    .where(*_within, _is_ahead, ~exists(select(literal(1)).where(OPEN_INVOICE_OF)))
    .subquery("to_renew")
)
_renewing = _to_renew.join(subscriptions, _s.id == _to_renew.c.id)
RENEWS = (_s.cancel_at_period_end.is_(False),)
ACTS = (
    _ended,
    or_(_s.status != "grace", invoices.c.id.is_(None), _s.grace_until < _today),
)


def _with_customers(found: FromClause) -> FromClause:
    return found.join(customers, customers.c.id == _s.customer_id)


def _locking(found: FromClause, *conditions: ColumnElement[bool]) -> Statement[str]:
    return value(
        select(customers.c.id)
        .select_from(_with_customers(found))
        .where(*conditions)
        .order_by(customers.c.id)
        .with_for_update(of=customers),
        str,
    )


# Without the limit, and with NOT EXISTS, PostgreSQL guesses ten times as many and hashes every open
# invoice of every app for each stretch: 28 ms instead of 2.
_few = (
    select(_s.id)
    .where(*_within)
    .order_by(_s.paid_through, _s.id)
    .limit(MOST_AT_ONCE)
    .subquery("few")
)
_of_few = _few.join(subscriptions, _s.id == _few.c.id)
_has_none = select(func.count()).select_from(invoices).where(OPEN_INVOICE_OF).scalar_subquery() == 0
LOCK_RENEWING = _locking(_of_few, _is_ahead, _has_none, *RENEWS)
LOCK_ENDED = _locking(_of_few.outerjoin(invoices, OPEN_INVOICE_OF), *ACTS)
_sizes = [len(record.__struct_fields__) for record in (Subscription, Customer)]


def _renewal(*row: Any) -> Due:
    first, second = _sizes
    return Due(
        Subscription(*row[:first]), Customer(*row[first : first + second]), None, row[-1], False
    )


def _end(*row: Any) -> Due:
    subscription, customer = row[: _sizes[0]], row[_sizes[0] : sum(_sizes)]
    *invoice, credit, unchecked = row[sum(_sizes) :]
    return Due(
        Subscription(*subscription),
        Customer(*customer),
        Invoice(*invoice) if invoice[0] is not None else None,
        credit,
        bool(unchecked),
    )


DUE_TO_RENEW = Statement(
    select(*_s, *customers.c, CREDIT_OF)
    .select_from(_with_customers(_renewing))
    .where(*RENEWS)
    .order_by(_to_renew.c.paid_through, _to_renew.c.id)
    .limit(param("limit", Number)),
    _renewal,
)
"""Of a stretch, those whose last day is still to come and that have no open invoice."""


_whole = select(
    *_s,
    *customers.c,
    *invoices.c,
    CREDIT_OF,
    case((HAS_UNCHECKED, 1), else_=0).cast(Integer).label("unchecked"),
)


def _those_ended(found: FromClause, *conditions: ColumnElement[bool]) -> Statement[Due]:
    return Statement(
        _whole.select_from(_with_customers(found))
        .where(*conditions, *ACTS)
        .order_by(_s.paid_through, _s.id)
        .limit(param("limit", Number)),
        _end,
    )


ENDED = _those_ended(subscriptions.outerjoin(invoices, OPEN_INVOICE_OF), *_within)
"""Of a stretch, those whose last day is past, but for who only waits for the end of grace."""
ENDED_OF_FEW = _those_ended(_of_few.outerjoin(invoices, OPEN_INVOICE_OF))
"""The same as PostgreSQL has it fast; SQLite would read and sort the whole stretch."""
ONE_DUE = Statement(
    _whole.select_from(_with_customers(subscriptions.outerjoin(invoices, OPEN_INVOICE_OF))).where(
        _s.id == param("id")
    ),
    _end,
)
ASK_ABOUT_CODES = command(
    update(charges)
    .where(
        charges.c.id.in_(
            select(charges.c.id)
            .select_from(
                subscriptions.join(_unpaid, _unpaid.c.subscription_id == _s.id).join(
                    charges, charges.c.invoice_id == _unpaid.c.id
                )
            )
            .where(
                *_within,
                _ended,
                or_(_s.status != "grace", _s.grace_until <= param("tomorrow", LocalDate)),
                _unpaid.c.status != "paid",
                UNCHECKED,
            )
        ),
        or_(charges.c.check_at.is_(None), charges.c.check_at > param("now", Instant())),
    )
    .values(check_at=param("now"), version=charges.c.version + 1)
)
"""The sweep's look at every code of those whose grace ends tomorrow, or is over."""


def fresh_since(now: datetime) -> datetime:
    return now - FRESH


def steps_of(due: Due, app: App, plans: Mapping[str, Plan], today: date) -> tuple[Step, ...]:
    """What the subscription must do on this local day, in order; often nothing.

    Nobody is suspended in the run in which grace began, however late that is.
    """
    subscription, invoice = due.subscription, due.invoice
    last_day = subscription.paid_through
    if last_day is None:
        return ()
    ended = last_day < today
    next_plan = plans[subscription.next_plan_id] if subscription.next_plan_id else None
    if subscription.cancel_at_period_end:
        return ("cancel",) if ended else ()
    if next_plan is not None and next_plan.price == 0:
        return ("change",) if ended else ()
    if invoice is None:
        if last_day - timedelta(days=app.renewal_lead_days) > today:
            return ()
        return ("issue", "grace") if ended and subscription.status != "grace" else ("issue",)
    if not ended:
        return ()
    if due.credit >= invoice.amount_due:
        return ("settle",)
    if grace_of(subscription, invoice) >= today:
        return () if subscription.status == "grace" else ("grace",)
    if subscription.status != "grace" and invoice.schedule.grace_days > 0:
        return ("grace",)
    return ("wait",) if due.unchecked else ("suspend",)


def grace_of(subscription: Subscription, invoice: Invoice) -> date:
    """The last day of access without payment: the grace days after the last paid day, but never
    less than these after the invoice was really issued."""
    days = timedelta(days=invoice.schedule.grace_days)
    ends = [invoice.issued_on + days]
    if subscription.grace_until is not None:
        ends.append(subscription.grace_until)
    elif subscription.paid_through is not None:
        ends.append(subscription.paid_through + days)
    return max(ends)
