"""Marking an invoice as paid by hand: what comes of it, and the deed, from an invoice's page or its
subscription's."""

from datetime import date, timedelta
from typing import NamedTuple

from starlette.responses import Response

from payment_service.actions import mark_paid as marking
from payment_service.books.pay_invoice import foresee_paid
from payment_service.kit.calendar import local_date
from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.bill import Bill, lock_bill
from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice
from payment_service.model.payment import Payment
from payment_service.model.plan import PLAN
from payment_service.model.subscription import SUBSCRIPTION, Subscription
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.day_text import day_in
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.invoices.bill import bill_head
from payment_service.web.dashboard.lately import Done, newest_deed

DAYS_BACK = 3


class Marking(NamedTuple):
    """`given` is the day as it was written, `paid_on` that day where money can have come on it,
    `after` the subscription as it will be. `done` is what was done already."""

    app: App
    customer: Customer
    subscription: Subscription | None
    invoice: Invoice
    today: date
    given: str
    paid_on: date | None
    choices: list[date]
    after: Subscription | None
    done: Done | None
    goes_back: bool

    @property
    def here(self) -> str:
        return f"{PREFIX}/invoices/{self.invoice.id}/mark-paid"

    @property
    def up(self) -> str:
        """Where the admin came from."""
        if self.goes_back:
            return f"{PREFIX}/subscriptions/{self.invoice.subscription_id}"
        return f"{PREFIX}/invoices/{self.invoice.id}"

    @property
    def seq(self) -> str:
        return str(self.subscription.seq) if self.subscription is not None else ""


async def show_mark_paid(ask: Ask) -> Response:
    return ask.page("invoices/mark_paid.html", one=await ask.read(_marking, ask))


async def mark(ask: Ask) -> Response:
    paid_on = day_in(ask.text("paid_on").strip())
    if paid_on is None:
        raise Invalid("paid_on", "Choose a date, as the calendar has it.")
    await ask.write(_on_what_was_seen, ask, paid_on)
    one = await ask.read(_marking, ask)
    return ask.go(one.up, "invoice_marked_paid", number=one.invoice.number)


def _on_what_was_seen(tx: Transaction, ask: Ask, paid_on: date) -> Payment:
    """Raises Conflict where what is owed, or for what, has changed since the form was drawn."""
    invoice, app, _ = bill_head(tx, ask.params["id"])
    bill = lock_bill(tx, invoice.id)
    if bill.invoice.status == "void":
        raise Conflict("invoice_void", "This invoice is void.", id=invoice.id)
    seq = str(bill.subscription.seq) if bill.subscription is not None else ""
    seen = ask.text("seq"), ask.text("amount")
    if bill.invoice.status == "open" and seen != (seq, str(bill.invoice.amount_due)):
        raise Conflict(
            "subscription_changed",
            "What is owed was changed meanwhile; look again, then decide.",
            id=invoice.id,
        )
    return marking.mark_paid(
        tx, ask.runtime.links, app.id, invoice.id,
        reference=ask.text("reference"), paid_on=paid_on, by=ask.by(ask.text("reason")),
        now=app.at(ask.now),
    )  # fmt: skip


def _marking(tx: Transaction, ask: Ask) -> Marking:
    invoice, app, customer = bill_head(tx, ask.params["id"])
    form = ask.form(f"{PREFIX}/invoices/{invoice.id}/mark-paid")
    now = app.at(ask.now)
    today = local_date(now, app.zone)
    subscription = None
    if invoice.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION, id=invoice.subscription_id)
    given = form.value("paid_on", ask.query.get("paid_on", today.isoformat())).strip()
    paid_on = day_in(given)
    if paid_on is not None and not invoice.issued_on <= paid_on <= today:
        paid_on = None
    back = form.value("back", ask.text("back") or ask.query.get("back", ""))
    after = None
    if subscription is not None and paid_on is not None and invoice.status == "open":
        plan = tx.one(PLAN, id=invoice.plan_id or subscription.plan_id)
        if plan is not None:
            bill = Bill(app, customer, subscription, invoice)
            after = foresee_paid(bill, subscription, plan, paid_on, now)
    days = [today - timedelta(days=back) for back in range(DAYS_BACK)]
    return Marking(
        app=app,
        customer=customer,
        subscription=subscription,
        invoice=invoice,
        today=today,
        given=given,
        paid_on=paid_on,
        choices=[day for day in days if day >= invoice.issued_on],
        after=after,
        done=None if invoice.status == "open" else newest_deed(tx, [invoice.id]),
        goes_back=back == "subscription" and subscription is not None,
    )
