"""Undo a cancellation that waits for the end of the period."""

from datetime import datetime

import msgspec

from payment_service.books.renew_if_due import renew_if_due
from payment_service.books.tell_subscription import news_of, tell_stored
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.contract import lock_contract
from payment_service.model.subscription import refusal
from payment_service.outbox import announce
from payment_service.resources import Links, SubscriptionResource


def undo_cancellation(
    tx: Transaction, links: Links, app_id: str, subscription_id: str, *, now: datetime
) -> SubscriptionResource:
    """It renews again; a renewal that is due by now is issued at once, unless it is suspended.

    Raises NotFound; Conflict when it is over, or not to end.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    before = contract.subscription
    if before.status in ("canceled", "expired"):
        raise refusal(before, "kept")
    if not before.cancel_at_period_end:
        raise Conflict(
            "cancellation_not_scheduled",
            "This subscription is not to end, so there is nothing to undo.",
            id=before.id,
        )
    after = msgspec.structs.replace(before, cancel_at_period_end=False, seq=before.seq + 1)
    after = save(tx, before, after)
    issued = []
    if after.access:
        kept = msgspec.structs.replace(contract, subscription=after)
        issued = renew_if_due(tx, links, kept, now)
    news = [news_of(tx, links, "subscription.updated", contract, after), *issued]
    announce(tx, app_id, news, now)
    return tell_stored(tx, links, before.id)
