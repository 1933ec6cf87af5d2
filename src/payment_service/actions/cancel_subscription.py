"""Cancel a subscription: at the end of its period, or at once."""

from datetime import datetime

import msgspec

from payment_service.books.tell_subscription import news_of, tell_stored
from payment_service.books.void_open import use_returned_credit, void_open
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.contract import lock_contract
from payment_service.model.event import EventType
from payment_service.model.subscription import Subscription, moved, refusal
from payment_service.outbox import announce
from payment_service.resources import Links, SubscriptionResource


def cancel_subscription(
    tx: Transaction,
    links: Links,
    app_id: str,
    subscription_id: str,
    *,
    at_once: bool,
    now: datetime,
) -> SubscriptionResource:
    """Nothing is issued or owed for it any more. Raises NotFound; Conflict when it is over, or to
    end with its period already.

    At once where no paid day is left to wait for: pending, in grace, suspended, on a free plan.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    before = contract.subscription
    if before.status in ("canceled", "expired"):
        raise refusal(before, "canceled")
    waits = before.status in ("trialing", "active") and before.paid_through is not None
    kind: EventType = "subscription.canceled"
    if at_once or not waits:
        after = _ended(before, now)
    elif before.cancel_at_period_end:
        raise Conflict(
            "cancellation_scheduled",
            f"It ends on {before.paid_through} already; cancel it “now” to end it at once.",
            id=before.id,
        )
    else:
        kind = "subscription.cancel_scheduled"
        after = msgspec.structs.replace(
            _without_change(before), cancel_at_period_end=True, seq=before.seq + 1
        )
    news = void_open(tx, links, contract, "subscription_ended", now)
    after = save(tx, before, after)
    news.append(news_of(tx, links, kind, contract, after))
    news += use_returned_credit(tx, links, contract.app, contract.customer, now)
    announce(tx, app_id, news, now)
    return tell_stored(tx, links, before.id)


def _ended(subscription: Subscription, now: datetime) -> Subscription:
    return moved(
        _without_change(subscription),
        "canceled",
        reason="requested",
        cancel_at_period_end=False,
        grace_until=None,
        suspended_at=None,
        ended_at=now,
        seq=subscription.seq + 1,
    )


def _without_change(subscription: Subscription) -> Subscription:
    """A pending change of plan is dropped; a price that the owner has moved is not: whoever
    undoes the cancellation must not have escaped it."""
    if subscription.next_plan_id is None:
        return subscription
    return msgspec.structs.replace(subscription, next_plan_id=None, next_price=None)
