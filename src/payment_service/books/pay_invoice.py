"""Pay an invoice, with money or from credit: it is paid, and the subscription has its period."""

from datetime import date, datetime, timedelta

import msgspec

from payment_service.books.void_invoice import void_invoice
from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import raise_alert
from payment_service.model.bill import Bill, needed
from payment_service.model.charge import close_codes
from payment_service.model.credit import enter
from payment_service.model.event import EventType
from payment_service.model.invoice import OPEN_INVOICE, Invoice, pay
from payment_service.model.payment import Payment
from payment_service.model.plan import PLAN, Plan
from payment_service.model.subscription import Bought, Subscription, buy, is_held
from payment_service.outbox import News
from payment_service.resources import (
    Links,
    invoice_resource,
    payment_resource,
    subscription_resource,
)

_NEWS_AFTER: dict[str, EventType] = {
    "pending": "subscription.activated",
    "trialing": "subscription.activated",
    "expired": "subscription.activated",
    "active": "subscription.renewed",
    "grace": "subscription.renewed",
    "suspended": "subscription.resumed",
    "canceled": "subscription.resumed",
}


def pay_invoice(
    tx: Transaction,
    links: Links,
    bill: Bill,
    payment: Payment | None,
    *,
    periods: int = 1,
    now: datetime,
) -> list[News]:
    """Mark the locked bill paid and move its subscription; gives what is to be announced.

    Without a payment the customer's credit pays, which must cover it. What the payment brings
    beyond the rest due becomes credit; what it lacks, of a revived invoice whose credit was given
    back, is taken from credit again.
    """
    news: list[News] = []
    if bill.invoice.status == "void" and bill.subscription is not None:
        news += _void_the_other(tx, links, bill.subscription, now)
    paid_on = payment.paid_on if payment else local_date(now, bill.app.zone)
    invoice = pay(_squared(tx, bill, payment, periods, now), paid_on=paid_on, now=now)
    close_codes(tx, invoice.id, now, but=(payment.charge_id if payment else None) or "")
    if bill.subscription is None:
        news.append(_invoice_news(save(tx, bill.invoice, invoice), links))
    else:
        news += _move_subscription(tx, links, bill, bill.subscription, invoice, periods, now)
    over = (payment.amount if payment else 0) - needed(bill.invoice, periods)
    if payment is not None and over > 0:
        resource = payment_resource(payment, credited=over)
        news.append(News("payment.credited", payment.id, resource))
    return news


def _squared(
    tx: Transaction, bill: Bill, payment: Payment | None, periods: int, now: datetime
) -> Invoice:
    """The invoice with the credit that it takes; entries keep payments and credit equal to it."""
    invoice = bill.invoice
    short = needed(invoice, periods) - (payment.amount if payment else 0)
    if short > 0:
        enter(
            tx,
            app_id=bill.app.id,
            customer_id=bill.customer.id,
            kind="applied",
            amount=short,
            invoice_id=invoice.id,
            now=now,
        )
        return msgspec.structs.replace(invoice, credit_applied=invoice.credit_applied + short)
    if payment is not None and short < 0:
        enter(
            tx,
            app_id=bill.app.id,
            customer_id=bill.customer.id,
            kind="credited",
            amount=-short,
            payment_id=payment.id,
            invoice_id=invoice.id,
            now=now,
        )
    return invoice


def _move_subscription(
    tx: Transaction,
    links: Links,
    bill: Bill,
    subscription: Subscription,
    invoice: Invoice,
    periods: int,
    now: datetime,
) -> list[News]:
    plan = _plan_bought(tx, bill, subscription)
    bought = _buy(bill, subscription, plan, invoice.paid_on, periods, now)
    after = save(tx, subscription, bought.subscription)
    if is_held(after):
        raise_alert(
            tx,
            app_id=bill.app.id,
            kind="paid_while_suspended",
            subject_id=after.id,
            message=f"{invoice.number} was paid; an admin's suspension stays.",
            now=now,
        )
    period = msgspec.structs.replace(
        invoice,
        period_start=bought.counts_from + timedelta(days=1),
        period_end=after.paid_through,
    )
    return [
        _invoice_news(save(tx, bill.invoice, period), links),
        _subscription_news(tx, links, bill, subscription, after, plan),
    ]


def _plan_bought(tx: Transaction, bill: Bill, subscription: Subscription) -> Plan:
    plan = tx.one(PLAN, id=bill.invoice.plan_id or subscription.plan_id)
    if plan is None:
        raise LookupError(f"invoice {bill.invoice.id} names no plan")
    return plan


def _buy(
    bill: Bill,
    subscription: Subscription,
    plan: Plan,
    paid_on: date | None,
    periods: int,
    now: datetime,
) -> Bought:
    """The subscription with the period that was bought, one `seq` on."""
    today = local_date(now, bill.app.zone)
    on_plan = msgspec.structs.replace(
        subscription,
        plan_id=plan.id,
        price=bill.invoice.total if bill.invoice.kind == "first" else subscription.price,
        months=bill.invoice.months or subscription.months,
        activated_at=subscription.activated_at or now,
        seq=subscription.seq + 1,
    )
    return buy(
        on_plan,
        periods=periods,
        paid_on=paid_on or today,
        today=today,
        late_payment=plan.late_payment,
    )


def _void_the_other(
    tx: Transaction, links: Links, subscription: Subscription, now: datetime
) -> list[News]:
    """The replaced first invoice was paid, so the one that replaced it is not owed."""
    other = tx.one(OPEN_INVOICE, subscription_id=subscription.id)
    return [void_invoice(tx, links, other, "replaced", now)] if other is not None else []


def _invoice_news(invoice: Invoice, links: Links) -> News:
    return News("invoice.paid", invoice.id, invoice_resource(invoice, links))


def _subscription_news(
    tx: Transaction,
    links: Links,
    bill: Bill,
    before: Subscription,
    after: Subscription,
    plan: Plan,
) -> News:
    open_invoice = None
    if bill.invoice.kind not in ("first", "renewal"):  # one of these at most is open, and was this
        open_invoice = tx.one(OPEN_INVOICE, subscription_id=after.id)
    kind = "subscription.renewed" if after.status == "suspended" else _NEWS_AFTER[before.status]
    resource = subscription_resource(after, bill.customer, plan, open_invoice, links)
    return News(kind, after.id, resource)
