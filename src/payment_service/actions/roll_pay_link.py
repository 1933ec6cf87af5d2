"""Roll the permanent pay link of a subscription: the old one leads nowhere any more."""

from datetime import datetime

import msgspec

from payment_service.books.tell_subscription import news_of, tell_stored
from payment_service.kit.ids import new_token
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.contract import lock_contract
from payment_service.outbox import announce
from payment_service.resources import Links, SubscriptionResource


def roll_pay_link(
    tx: Transaction,
    links: Links,
    app_id: str,
    subscription_id: str,
    *,
    by: By,
    now: datetime,
) -> SubscriptionResource:
    """Codes that were issued, and the links of single invoices, stay good. Apps hear the new link.

    Raises NotFound, Invalid without a reason.
    """
    contract = lock_contract(tx, app_id, subscription_id)
    before = contract.subscription
    record(tx, by, app_id, "subscription.roll_link", before.id)
    changed = msgspec.structs.replace(before, pay_token=new_token(), seq=before.seq + 1)
    after = save(tx, before, changed)
    announce(tx, app_id, [news_of(tx, links, "subscription.updated", contract, after)], now)
    return tell_stored(tx, links, before.id)
