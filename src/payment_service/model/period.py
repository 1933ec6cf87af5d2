"""What payments and admins make of a subscription's dates: where a period begins, how far it goes.

A suspension by an admin stays whatever is paid: an admin made it, an admin lifts it.
"""

from datetime import date, datetime
from typing import NamedTuple

import msgspec

from payment_service.kit.calendar import months_on
from payment_service.model.plan import LatePayment, Plan
from payment_service.model.subscription import Subscription, is_held, moved, status_in_period


class Bought(NamedTuple):
    """The subscription after a payment, and the local day that its new period counts from."""

    subscription: Subscription
    counts_from: date


def start(subscription: Subscription, *, from_day: date, periods: int) -> Bought:
    """Active for `periods` periods that count from that local day, which becomes the anchor."""
    anchor = from_day.day
    through = months_on(from_day, subscription.months * periods, anchor)
    return Bought(_paid(subscription, paid_through=through, anchor_day=anchor), from_day)


def extend(subscription: Subscription, *, periods: int) -> Bought:
    """`periods` more from the old `paid_through`, on the same anchor day."""
    if subscription.paid_through is None or subscription.anchor_day is None:
        raise ValueError(f"{subscription.id} has no period to extend")
    through = months_on(
        subscription.paid_through, subscription.months * periods, subscription.anchor_day
    )
    return Bought(_paid(subscription, paid_through=through), subscription.paid_through)


def shift(subscription: Subscription, to: date) -> Subscription:
    """The same period with another last day, which is not past and becomes the anchor.

    Grace and a suspension for non-payment end with it.
    """
    dates: dict[str, date | int] = {"paid_through": to, "anchor_day": to.day}
    if is_held(subscription) or subscription.status in ("trialing", "active"):
        return msgspec.structs.replace(subscription, **dates)
    return _let_in(subscription, **dates)


def resume(subscription: Subscription) -> Subscription:
    """An admin's suspension is lifted while the period is not over."""
    return _let_in(subscription)


def onto_free_plan(subscription: Subscription, plan: Plan, now: datetime) -> Subscription:
    """The change to a plan without a price, which has no periods. A trial ends with it."""
    return moved(
        subscription,
        "active",
        plan_id=plan.id,
        price=plan.price,
        months=plan.months,
        reason=None,
        anchor_day=None,
        paid_through=None,
        grace_until=None,
        suspended_at=None,
        next_plan_id=None,
        next_price=None,
        activated_at=subscription.activated_at or now,
    )


def _let_in(subscription: Subscription, **dates: date | int) -> Subscription:
    return moved(
        subscription,
        status_in_period(subscription),
        reason=None,
        grace_until=None,
        suspended_at=None,
        **dates,
    )


def _paid(subscription: Subscription, **dates: date | int) -> Subscription:
    if is_held(subscription):
        return moved(subscription, "suspended", **dates)
    return moved(
        subscription,
        "active",
        reason=None,
        grace_until=None,
        suspended_at=None,
        ended_at=None,
        **dates,
    )


def buy(
    subscription: Subscription,
    *,
    periods: int,
    paid_on: date,
    today: date,
    late_payment: LatePayment,
    grace_until: date,
    offered_from: date | None = None,
) -> Bought:
    """What a payment for `periods` periods makes of the subscription.

    Paid early or in time extends from `paid_through`, whenever it is found. Paid late counts as the
    plan's `late_payment` says, and from the payment day if the result would lie before today.
    `grace_until` is the last day of the grace that it has, or would have had by now; `offered_from`
    the day that the invoice's period counts from: a restart does not from `paid_through`.
    """
    paid_through = subscription.paid_through
    if paid_through is None or subscription.status in ("pending", "expired"):
        return start(subscription, from_day=paid_on, periods=periods)
    restarts_on = offered_from if offered_from and offered_from > paid_through else None
    if is_held(subscription) or paid_on <= paid_through:
        # However late it is found: from its own day it would buy days that are paid already.
        return _extend_or_restart(subscription, restarts_on, periods)
    # Money that was paid in grace and found later counts as paid in grace.
    in_grace = paid_on <= grace_until and late_payment != "payment_day"
    if in_grace or late_payment == "period_end":
        extended = _extend_or_restart(subscription, restarts_on, periods)
        through = extended.subscription.paid_through
        if through is not None and through >= today:
            return extended
    return start(subscription, from_day=paid_on, periods=periods)


def _extend_or_restart(
    subscription: Subscription, restarts_on: date | None, periods: int
) -> Bought:
    if restarts_on is not None:
        return start(subscription, from_day=restarts_on, periods=periods)
    return extend(subscription, periods=periods)
