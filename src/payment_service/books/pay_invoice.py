"""Pay an invoice, with money or from credit: it is paid, and the subscription has its period."""

from datetime import date, datetime, timedelta

import msgspec

from payment_service.books.draft_invoice import draft_ahead
from payment_service.books.tell_subscription import news_of
from payment_service.books.void_invoice import void_invoice
from payment_service.kit.calendar import local_date, months_on
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.ahead import ALONE, Ahead
from payment_service.model.alert import raise_alert
from payment_service.model.bill import Bill, needed
from payment_service.model.brought import note_terms
from payment_service.model.charge import close_codes
from payment_service.model.contract import Contract
from payment_service.model.credit import enter
from payment_service.model.due import grace_of
from payment_service.model.event import EventType
from payment_service.model.invoice import (
    OPEN_INVOICE,
    OPEN_UPGRADE,
    Invoice,
    invoice_of_app,
    next_numbers,
    pay,
)
from payment_service.model.payment import Payment
from payment_service.model.period import Bought, buy, start
from payment_service.model.plan import PLAN, Plan
from payment_service.model.subscription import Subscription, is_held
from payment_service.model.unused import GIVE_UP_PERIODS
from payment_service.outbox import News
from payment_service.resources import Links, invoice_resource, payment_resource

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
    ahead: Ahead = ALONE,
    now: datetime,
) -> list[News]:
    """Mark the locked bill paid and move its subscription; gives what is to be announced.

    Without a payment the customer's credit pays, which must cover it. What the payment brings
    beyond the rest due becomes credit; what it lacks, of a revived invoice whose credit was given
    back, is taken from credit again. Further periods that were paid with it become one more paid
    invoice. The subscription's other open invoices that this makes untrue are voided.
    """
    paid_on = payment.paid_on if payment else local_date(now, bill.app.zone)
    news: list[News] = []
    if bill.subscription is not None:
        news += _void_the_others(tx, links, bill, bill.subscription, now)
    invoice = pay(_squared(tx, bill, payment, ahead, now), paid_on=paid_on, now=now)
    close_codes(tx, invoice.id, now, but=(payment.charge_id if payment else None) or "")
    if bill.subscription is None:
        news.append(_paid_news(save(tx, bill.invoice, invoice), bill, links))
    else:
        news += _move_subscription(tx, links, bill, bill.subscription, invoice, ahead, now)
    over = (payment.amount if payment else 0) - needed(bill.invoice, ahead)
    if payment is not None and over > 0:
        # A person may have said that it pays another invoice than the one it came for.
        came_for = invoice_of_app(tx, bill.app.id, payment.invoice_id)
        resource = payment_resource(
            payment, bill.customer.reference, came_for.metadata, credited=over
        )
        news.append(News("payment.credited", payment.id, resource))
    return news


def foresee_paid(
    bill: Bill, subscription: Subscription, plan: Plan, on: date, now: datetime
) -> Subscription:
    """What paying the bill alone, with money of that local day, would make of its subscription."""
    return _buy(bill, subscription, plan, on, ALONE, now).subscription


def _void_the_others(
    tx: Transaction, links: Links, bill: Bill, subscription: Subscription, now: datetime
) -> list[News]:
    """A replaced invoice that was paid makes the one in its place void. An upgrade begins a new
    period, and any other period bought makes the unused days of an open upgrade wrong."""
    news = []
    invoice, theirs = bill.invoice, bill.customer.reference
    if invoice.status == "void" or invoice.kind == "upgrade":
        other = tx.one(OPEN_INVOICE, subscription_id=subscription.id)
        if other is not None:
            news.append(void_invoice(tx, links, other, theirs, "replaced", now))
    if invoice.kind != "upgrade":
        upgrade = tx.one(OPEN_UPGRADE, subscription_id=subscription.id)
        if upgrade is not None:
            news.append(void_invoice(tx, links, upgrade, theirs, "replaced", now))
    return news


def _squared(
    tx: Transaction, bill: Bill, payment: Payment | None, ahead: Ahead, now: datetime
) -> Invoice:
    """The invoice with the credit that it takes; entries keep payments and credit equal to it.

    What is paid ahead goes to credit here, and from there to its own invoice.
    """
    invoice = bill.invoice
    short = needed(invoice, ahead) - (payment.amount if payment else 0)
    credited = ahead.amount + max(-short, 0)
    if payment is not None and credited > 0:
        enter(
            tx,
            app_id=bill.app.id,
            customer_id=bill.customer.id,
            kind="credited",
            amount=credited,
            payment_id=payment.id,
            invoice_id=invoice.id,
            now=now,
        )
    if short <= 0:
        return invoice
    _apply(tx, invoice, short, now)
    return msgspec.structs.replace(invoice, credit_applied=invoice.credit_applied + short)


def _apply(tx: Transaction, invoice: Invoice, amount: int, now: datetime) -> None:
    enter(
        tx,
        app_id=invoice.app_id,
        customer_id=invoice.customer_id,
        kind="applied",
        amount=amount,
        invoice_id=invoice.id,
        now=now,
    )


def _move_subscription(
    tx: Transaction,
    links: Links,
    bill: Bill,
    subscription: Subscription,
    invoice: Invoice,
    ahead: Ahead,
    now: datetime,
) -> list[News]:
    plan = _plan_bought(tx, bill, subscription)
    bought = _buy(bill, subscription, plan, invoice.paid_on, ahead, now)
    today = local_date(now, bill.app.zone)
    invoice = note_terms(tx, subscription, bought.subscription, invoice, today)
    after = save(tx, subscription, bought.subscription)
    if invoice.kind == "upgrade":
        tx.run(GIVE_UP_PERIODS, subscription_id=after.id, day=bought.counts_from)
    if is_held(after):
        raise_alert(
            tx,
            app_id=bill.app.id,
            kind="paid_while_suspended",
            subject_id=after.id,
            message=f"{invoice.number} was paid; an admin's suspension stays.",
            now=now,
        )
    own_end = months_on(bought.counts_from, after.months, after.anchor_day or 1)
    period = msgspec.structs.replace(
        invoice, period_start=bought.counts_from + timedelta(days=1), period_end=own_end
    )
    news = [_paid_news(save(tx, bill.invoice, period), bill, links)]
    if ahead.periods > 1:
        news += _book_ahead(tx, links, bill, after, period, ahead, now)
    contract = Contract(bill.app, bill.customer, subscription, plan)
    kind = _NEWS_AFTER[subscription.status]
    if after.status == "suspended":  # an admin's suspension stays
        kind = "subscription.renewed"
    if invoice.kind == "upgrade" and invoice.total == 0:  # nothing was paid for it
        kind = "subscription.plan_changed"
    return [*news, news_of(tx, links, kind, contract, after)]


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
    ahead: Ahead,
    now: datetime,
) -> Bought:
    """The subscription with the period that was bought, on the terms it was bought at."""
    today = local_date(now, bill.app.zone)
    on_plan = msgspec.structs.replace(
        _on_terms(subscription, bill.invoice, plan),
        activated_at=subscription.activated_at or now,
        seq=subscription.seq + 1,
    )
    if bill.invoice.kind == "upgrade":
        return start(on_plan, from_day=paid_on or today, periods=1)
    offered = bill.invoice.period_start
    return buy(
        on_plan,
        periods=ahead.periods,
        paid_on=paid_on or today,
        today=today,
        late_payment=plan.late_payment,
        grace_until=_grace_until(subscription, bill.invoice, paid_on or today),
        offered_from=offered - timedelta(days=1) if offered else None,
    )


def _grace_until(subscription: Subscription, invoice: Invoice, paid_on: date) -> date:
    """The last day of grace: while there is access also of one that no billing run has begun yet.

    A run that is late, by minutes or days, moves nobody's dates.
    """
    if subscription.access:
        return grace_of(subscription, invoice)
    return subscription.grace_until or subscription.paid_through or paid_on


def _on_terms(subscription: Subscription, invoice: Invoice, plan: Plan) -> Subscription:
    """What an invoice was issued for is what it buys, and a pending change is made or dropped.

    A price move stays pending while an invoice that was issued before it is paid.
    """
    price = invoice.lines[0].amount
    is_other = invoice.kind == "upgrade" or plan.id != subscription.plan_id
    is_new = is_other or invoice.kind == "first"
    moved = subscription.next_price is not None and price == subscription.next_price
    # A trial's first invoice may be older than a price move, which then waits for the next one.
    drops = subscription.next_plan_id is not None or is_other or moved
    return msgspec.structs.replace(
        subscription,
        plan_id=plan.id,
        price=price if is_new or moved else subscription.price,
        months=invoice.months or subscription.months,
        next_plan_id=None if drops else subscription.next_plan_id,
        next_price=None if drops else subscription.next_price,
    )


def _book_ahead(
    tx: Transaction,
    links: Links,
    bill: Bill,
    subscription: Subscription,
    invoice: Invoice,
    ahead: Ahead,
    now: datetime,
) -> list[News]:
    """The further periods as one more invoice, paid from the credit that the money has become."""
    if invoice.period_end is None or subscription.paid_through is None:
        raise ValueError(f"{invoice.id} buys no period")
    draft = draft_ahead(
        bill.app,
        subscription,
        invoice,
        periods=ahead.periods - 1,
        total=ahead.amount,
        period_start=invoice.period_end + timedelta(days=1),
        period_end=subscription.paid_through,
        now=now,
    )
    (number,) = next_numbers(tx, bill.app, draft.issued_on, 1)
    issued = msgspec.structs.replace(draft, number=number)
    paid = pay(
        msgspec.structs.replace(issued, credit_applied=issued.total),
        paid_on=invoice.paid_on or draft.issued_on,
        now=now,
    )
    add(tx, paid)
    _apply(tx, paid, paid.total, now)
    return [
        News("invoice.issued", issued.id, invoice_resource(issued, bill.customer.reference, links)),
        _paid_news(paid, bill, links),
    ]


def _paid_news(invoice: Invoice, bill: Bill, links: Links) -> News:
    resource = invoice_resource(invoice, bill.customer.reference, links)
    return News("invoice.paid", invoice.id, resource)
