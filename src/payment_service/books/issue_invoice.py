"""Issue an invoice: its number, its lines and its dates, as the settings stand today, and the
customer's credit applied to it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from payment_service.books.pay_invoice import pay_invoice
from payment_service.kit.calendar import local_date, months_on
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.statements import Transaction, add
from payment_service.model.app import App
from payment_service.model.bill import Bill
from payment_service.model.credit import balance, enter, to_apply
from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice, Line, Schedule, next_number
from payment_service.model.plan import Plan
from payment_service.model.subscription import Subscription
from payment_service.outbox import News
from payment_service.resources import Links, invoice_resource


class Issued(NamedTuple):
    """The invoice as it was issued, and what is to be announced: also that credit paid it."""

    invoice: Invoice
    news: list[News]


def issue_first_invoice(
    tx: Transaction,
    links: Links,
    app: App,
    customer: Customer,
    subscription: Subscription,
    plan: Plan,
    now: datetime,
) -> Issued:
    """The invoice that opens a subscription: void when not paid within the app's timeout.

    Its period is a proposal that counts from today; settling writes the one that was bought. The
    customer and the subscription are locked by the caller. Credit that covers the invoice whole
    pays it at once, which moves the subscription.
    """
    today = local_date(now, app.zone)
    void_at = now + timedelta(hours=app.pending_timeout_hours)
    available = balance(tx, customer.id)
    whole = available >= subscription.price > 0
    applied = 0 if whole else to_apply(available, subscription.price)
    invoice = Invoice(
        id=new_id("inv", now),
        app_id=app.id,
        customer_id=customer.id,
        subscription_id=subscription.id,
        plan_id=plan.id,
        number=next_number(tx, app, today),
        kind="first",
        status="open",
        lines=(Line(description=plan.name, amount=subscription.price),),
        total=subscription.price,
        credit_applied=applied,
        months=subscription.months,
        period_start=today + timedelta(days=1),
        period_end=months_on(today, subscription.months, today.day),
        issued_on=today,
        due_on=local_date(void_at, app.zone),
        void_at=void_at,
        schedule=_schedule(app, plan),
        seller=app.seller,
        pay_token=new_token(),
        paid_at=None,
        paid_on=None,
        voided_at=None,
        void_reason=None,
        metadata={},
        created_at=now,
        version=1,
    )
    add(tx, invoice)
    news = [News("invoice.issued", invoice.id, invoice_resource(invoice, links))]
    if applied:
        enter(
            tx,
            app_id=app.id,
            customer_id=customer.id,
            kind="applied",
            amount=applied,
            invoice_id=invoice.id,
            now=now,
        )
    if whole:
        news += pay_invoice(tx, links, Bill(app, customer, subscription, invoice), None, now=now)
    return Issued(invoice, news)


def _schedule(app: App, plan: Plan) -> Schedule:
    grace = plan.grace_days if plan.grace_days is not None else app.grace_days
    return Schedule(grace_days=grace, reminder_days=app.reminder_days)
