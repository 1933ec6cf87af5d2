"""Suspend a subscription by hand: access ends, time runs on."""

from datetime import datetime

from payment_service.books.tell_subscription import news_of, tell_stored
from payment_service.books.void_open import use_returned_credit, void_open_upgrade
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.contract import lock_contract
from payment_service.model.subscription import is_held, moved, refusal
from payment_service.outbox import announce
from payment_service.resources import Links, SubscriptionResource


def suspend_subscription(
    tx: Transaction, links: Links, app_id: str, subscription_id: str, *, by: By, now: datetime
) -> SubscriptionResource:
    """No money lifts it, only `resume`. An open first or renewal invoice stays payable.

    Raises NotFound, Invalid without a reason, Conflict when it has no access that could be taken
    or is suspended by hand already.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    before = contract.subscription
    if before.status in ("pending", "canceled", "expired"):
        raise refusal(before, "suspended")
    if is_held(before):
        raise Conflict(
            "suspended_already",
            "An admin has suspended this subscription already; resume lifts it.",
            id=before.id,
        )
    record(tx, by, app_id, "subscription.suspend", before.id, status=before.status)
    after = moved(
        before,
        "suspended",
        reason="manual",
        grace_until=None,
        suspended_at=now,
        seq=before.seq + 1,
    )
    news = void_open_upgrade(tx, links, contract, now)
    after = save(tx, before, after)
    news.append(news_of(tx, links, "subscription.suspended", contract, after))
    news += use_returned_credit(tx, links, contract.app, contract.customer, now)
    announce(tx, app_id, news, now)
    return tell_stored(tx, links, before.id)
