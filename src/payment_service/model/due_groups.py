"""What is due, in groups: subscriptions that stand so alike that each must take the same steps.

The steps of one of them, found as a billing run finds them, are the steps of all.
"""

from sqlalchemy import Integer, and_, case, func, literal, or_, select

from payment_service.kit.expressions import json_field
from payment_service.kit.schema import LocalDate, Number
from payment_service.kit.statements import Record, param, query, value
from payment_service.model.due import (
    ACTS,
    CREDIT_OF,
    HAS_UNCHECKED,
    OPEN_INVOICE_OF,
)
from payment_service.model.invoice import invoices
from payment_service.model.subscription import WITH_ACCESS, subscriptions

MOST_GROUPS = 1000

_s, _i = subscriptions.c, invoices.c
_open = invoices.alias("open_ones")


class Group(Record, frozen=True):
    """`id` is one of them, `amount` what their open invoices ask for together, in rupiah."""

    id: str
    size: int
    amount: int


# By one walk along the index of open ones: a look for each would be a look at random.
_with_invoice = select(_open.c.subscription_id).where(
    _open.c.subscription_id.is_not(None),
    _open.c.status == "open",
    _open.c.kind.in_(("first", "renewal")),
)
_walked = (_s.app_id == param("app_id"), _s.status.in_(WITH_ACCESS))
_terms = (_s.status, _s.paid_through, _s.plan_id, _s.next_plan_id, _s.price, _s.next_price)
_size = func.count().label("size")
TO_RENEW = query(
    select(func.min(_s.id).label("id"), _size, literal(0, Number).label("amount"))
    .where(
        *_walked,
        _s.paid_through.between(param("today", LocalDate), param("last_day", LocalDate)),
        _s.id.not_in(_with_invoice),
        _s.cancel_at_period_end.is_(False),
    )
    .group_by(*_terms, _s.months)
    .order_by(_size.desc())
    .limit(MOST_GROUPS),
    Group,
)
"""Those whose last day is still to come and that have no open invoice."""
_amount_due = _i.total - _i.credit_applied
_covered = case((CREDIT_OF.element >= _amount_due, 1), else_=0)
# Only whose grace may be over is asked about, which halves what is looked through.
_may_be_over = or_(_s.status == "grace", json_field(_i.schedule, "grace_days") == "0")
_unchecked = case((and_(_may_be_over, HAS_UNCHECKED), 1), else_=0)
_found = (
    select(
        _s.id,
        *_terms,
        _s.months,
        _s.grace_until,
        _s.cancel_at_period_end,
        _i.issued_on,
        _i.schedule,
        _amount_due.label("amount_due"),
        _covered.label("covered"),
        _unchecked.cast(Integer).label("unchecked"),
    )
    .select_from(subscriptions.outerjoin(invoices, OPEN_INVOICE_OF))
    .where(*_walked, *ACTS)
    .subquery("found")
)
_alike = [column for column in _found.c if column.name not in ("id", "amount_due")]
ENDED_ALIKE = query(
    select(
        func.min(_found.c.id).label("id"),
        func.count().label("size"),
        func.coalesce(func.sum(_found.c.amount_due), 0).cast(Number).label("amount"),
    )
    .group_by(*_alike)
    .order_by(func.count().desc())
    .limit(MOST_GROUPS),
    Group,
)
"""Those whose last day is past, but for who only waits for the end of grace."""
COUNT_UNPAID_TOO_LONG = value(
    select(func.count())
    .select_from(subscriptions)
    .where(
        _s.app_id == param("app_id"),
        _s.status == "suspended",
        _s.reason == "nonpayment",
        _s.suspended_at < param("before"),
    ),
    int,
)
REMINDERS_DUE = value(
    select(func.count())
    .select_from(invoices)
    .where(
        _i.app_id == param("app_id"),
        _i.status == "open",
        _i.remind_on.is_not(None),
        _i.remind_on <= param("day"),
    ),
    int,
)
