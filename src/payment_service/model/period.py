"""What a payment makes of a subscription's dates: where a period begins, and how far it goes."""

from datetime import date
from typing import NamedTuple

from payment_service.kit.calendar import months_on
from payment_service.model.plan import LatePayment
from payment_service.model.subscription import Subscription, is_held, moved


class Bought(NamedTuple):
    """The subscription after a payment, and the local day that its new period counts from."""

    subscription: Subscription
    counts_from: date


def start(subscription: Subscription, *, from_day: date, periods: int) -> Bought:
    """Active for `periods` periods that count from that local day, which becomes the anchor."""
    anchor = from_day.day
    started = moved(
        subscription,
        "active",
        reason=None,
        anchor_day=anchor,
        paid_through=months_on(from_day, subscription.months * periods, anchor),
        grace_until=None,
        suspended_at=None,
        ended_at=None,
    )
    return Bought(started, from_day)


def extend(subscription: Subscription, *, periods: int) -> Bought:
    """`periods` more from the old `paid_through`, on the same anchor day.

    A suspension by an admin stays: an admin made it, an admin lifts it.
    """
    if subscription.paid_through is None or subscription.anchor_day is None:
        raise ValueError(f"{subscription.id} has no period to extend")
    through = months_on(
        subscription.paid_through, subscription.months * periods, subscription.anchor_day
    )
    if is_held(subscription):
        extended = moved(subscription, "suspended", paid_through=through)
    else:
        extended = moved(
            subscription,
            "active",
            reason=None,
            paid_through=through,
            grace_until=None,
            suspended_at=None,
            ended_at=None,
        )
    return Bought(extended, subscription.paid_through)


def buy(
    subscription: Subscription,
    *,
    periods: int,
    paid_on: date,
    today: date,
    late_payment: LatePayment,
) -> Bought:
    """What a payment for `periods` periods makes of the subscription.

    Paid early or in time extends from `paid_through`. Paid late counts as the plan's
    `late_payment` says, and from the payment day if the result would lie before today.
    """
    if is_held(subscription) and subscription.paid_through is not None:
        return extend(subscription, periods=periods)
    if subscription.paid_through is None or subscription.status in ("pending", "expired"):
        return start(subscription, from_day=paid_on, periods=periods)
    # Money that was paid in grace and found later counts as paid in grace.
    last_day = subscription.grace_until or subscription.paid_through
    in_time = paid_on <= subscription.paid_through
    in_grace = paid_on <= last_day and late_payment != "payment_day"
    if in_time or in_grace or late_payment == "period_end":
        extended = extend(subscription, periods=periods)
        through = extended.subscription.paid_through
        if through is not None and through >= today:
            return extended
    return start(subscription, from_day=paid_on, periods=periods)
