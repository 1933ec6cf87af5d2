"""End a subscription that stayed unpaid too long after its suspension."""

from datetime import datetime

from payment_service.books.take_steps import Case
from payment_service.books.tell_subscription import news_of
from payment_service.books.void_invoice import void_invoice
from payment_service.kit.statements import Transaction, save
from payment_service.model.contract import lock_contract
from payment_service.model.invoice import OPEN_INVOICES_OF_SUBSCRIPTION
from payment_service.model.subscription import moved
from payment_service.outbox import News


def end_unpaid(tx: Transaction, case: Case, subscription_id: str, before: datetime) -> list[News]:
    """Cancel it for non-payment, where it is still suspended since `before`. Money that comes for
    it later revives it: see `settle`."""
    contract = lock_contract(tx, case.app.id, subscription_id)
    subscription = contract.subscription
    since = subscription.suspended_at
    if subscription.status != "suspended" or subscription.reason != "nonpayment":
        return []
    if since is None or since >= before:
        return []
    theirs = contract.customer.reference
    voided = [
        void_invoice(tx, case.links, invoice, theirs, "subscription_ended", case.now)
        for invoice in tx.all(OPEN_INVOICES_OF_SUBSCRIPTION, subscription_id=subscription_id)
    ]
    ended = moved(
        subscription,
        "canceled",
        reason="nonpayment",
        next_plan_id=None,
        next_price=None,
        ended_at=case.now,
        seq=subscription.seq + 1,
    )
    after = save(tx, subscription, ended)
    return [*voided, news_of(tx, case.links, "subscription.canceled", contract, after)]
