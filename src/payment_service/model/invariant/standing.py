"""What must hold of subscriptions: each state has its dates, and a customer has one at a time."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from payment_service.model.event import events
from payment_service.model.invariant.breach import found, invariant
from payment_service.model.subscription import OPEN, subscriptions

_of = subscriptions.c
_is_open = _of.status.in_(OPEN)


def _wrong(*, when: ColumnElement[bool], unless: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(when, or_(~unless, unless.is_(None)))


_DATES: tuple[tuple[ColumnElement[bool], ColumnElement[bool]], ...] = (
    (_of.status == "trialing", _of.paid_through.is_not(None)),
    (and_(_of.status == "active", _of.price > 0), _of.paid_through.is_not(None)),
    (_of.status == "grace", _of.grace_until >= _of.paid_through),
    (_of.status.in_(("pending", "trialing", "active")), _of.grace_until.is_(None)),
    (_of.paid_through.is_not(None), _of.anchor_day.is_not(None)),
    (_of.status == "suspended", _of.suspended_at.is_not(None)),
    (_of.status == "suspended", _of.reason.in_(("nonpayment", "manual"))),
    (_of.status.in_(("pending", "trialing", "active", "grace")), _of.suspended_at.is_(None)),
    (_of.status.in_(("pending", "trialing", "active", "grace")), _of.reason.is_(None)),
    (_of.status == "canceled", _of.reason.is_not(None)),
    (_is_open, _of.ended_at.is_(None)),
    (~_is_open, _of.ended_at.is_not(None)),
    (_of.status == "active", _of.activated_at.is_not(None)),
    (_of.status == "pending", and_(_of.activated_at.is_(None), _of.paid_through.is_(None))),
    (_of.next_plan_id.is_not(None), _of.next_price.is_not(None)),
)
"""What must be so in which state."""


def _states() -> Any:
    wrong = or_(*(_wrong(when=when, unless=unless) for when, unless in _DATES))
    return found(_of.id, _of.status).where(wrong)


INVARIANTS = (
    invariant(
        "a_state_has_its_dates",
        "It is {seen}, and its dates or its reason do not fit that.",
        _states(),
    ),
    invariant(
        "a_customer_has_one_open_subscription",
        "The customer of an app that allows one has {seen} open subscriptions.",
        found(_of.customer_id, func.count())
        .where(_of.exclusive, _is_open)
        .group_by(_of.customer_id)
        .having(func.count() > 1),
    ),
    invariant(
        "a_customer_has_one_trial",
        "The customer was given {seen} trials.",
        found(_of.customer_id, func.count())
        .select_from(subscriptions.join(events, events.c.subject_id == _of.id))
        .where(events.c.type == "subscription.trial_started")
        .group_by(_of.customer_id)
        .having(func.count() > 1),
    ),
)
