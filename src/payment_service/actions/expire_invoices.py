"""Expire invoices: void what was not paid in its time, after a last look at its codes."""

from datetime import datetime

from payment_service.books.tell_subscription import news_of
from payment_service.books.void_invoice import void_invoice
from payment_service.kit.statements import Transaction, save
from payment_service.model.app import App
from payment_service.model.contract import Contract, lock_contract
from payment_service.model.invoice import INVOICE_LOCKED, Invoice
from payment_service.model.subscription import drop_change, moved
from payment_service.model.timeout import ASK_ABOUT_CODES_OF_INVOICE, MAY_HAVE_MONEY, TIMED_OUT
from payment_service.outbox import News, announce
from payment_service.resources import Links
from payment_service.runtime import Runtime, now_of

AT_ONCE = 50


async def expire_invoices(runtime: Runtime, app: App) -> int:
    """Void the app's first invoices and upgrades whose time is over; how many those were.

    One whose codes the gateway was not asked about since then waits for the worker's look: what
    was paid in time is never too late.
    """
    expired, after = 0, ""
    while True:
        now = now_of(runtime, app)
        found = await runtime.db.read(_timed_out, app.id, now, after)
        for invoice in found:
            expired += await runtime.db.write(_expire, runtime.links, invoice, now)
        if len(found) < AT_ONCE:
            return expired
        after = found[-1].id


def _timed_out(tx: Transaction, app_id: str, now: datetime, after: str) -> list[Invoice]:
    return tx.all(TIMED_OUT, app_id=app_id, now=now, after=after, limit=AT_ONCE)


def _expire(tx: Transaction, links: Links, seen: Invoice, now: datetime) -> bool:
    contract = lock_contract(tx, seen.app_id, seen.subscription_id or "")
    invoice = tx.one(INVOICE_LOCKED, id=seen.id)
    if invoice is None or invoice.status != "open" or invoice.void_at is None:
        return False
    asked = {"invoice_id": invoice.id, "fresh_since": invoice.void_at, "now": now}
    if tx.one(MAY_HAVE_MONEY, **asked):
        tx.run(ASK_ABOUT_CODES_OF_INVOICE, **asked)
        return False
    news = [void_invoice(tx, links, invoice, contract.customer.reference, "timeout", now)]
    if invoice.kind == "first":
        news.append(_end_or_stay(tx, links, contract, now))
    announce(tx, invoice.app_id, news, now)
    return True


def _end_or_stay(tx: Transaction, links: Links, contract: Contract, now: datetime) -> News:
    """Without its first payment a subscription is over; one on a free plan stays there."""
    subscription = contract.subscription
    if subscription.status == "pending":
        expired = moved(subscription, "expired", ended_at=now, seq=subscription.seq + 1)
        return news_of(tx, links, "subscription.expired", contract, save(tx, subscription, expired))
    stays = save(tx, subscription, drop_change(subscription))
    return news_of(tx, links, "subscription.updated", contract, stays)
