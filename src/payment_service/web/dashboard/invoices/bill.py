"""One invoice: how it stands, every code it ever had, the money that came, and its story."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App
from payment_service.model.credit import ENTRIES_OF_CUSTOMER, CreditEntry, balance
from payment_service.model.customer import CUSTOMER, Customer
from payment_service.model.history import history_of_invoice
from payment_service.model.invoice import INVOICE, OPEN_INVOICE, Invoice
from payment_service.model.page import NEWEST, Between, page_of
from payment_service.model.payment import Payment
from payment_service.model.payment_list import (
    CHARGES_ASKED,
    RECEIVED,
    PaymentFilter,
    Received,
    walk_payments,
)
from payment_service.model.plan import PLAN, Plan
from payment_service.model.review import REVIEWS, Review
from payment_service.model.subscription import SUBSCRIPTION, Subscription
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.invoices.code_fates import Code, codes_of, doubled
from payment_service.web.dashboard.invoices.period_from_credit import next_price
from payment_service.web.dashboard.timeline import Timeline, place_in, timeline_of

MOST_CODES = 100
MOST_PAYMENTS = 50
ENTRIES = 5


class Bill(NamedTuple):
    """`today` is the app's local date and `now` its own clock's. `codes` are cut at the newest
    hundred. `doubled` is rupiah that came twice; `period_price` is what one more period costs where
    the customer's credit buys it, else None."""

    invoice: Invoice
    app: App
    customer: Customer
    subscription: Subscription | None
    plan: Plan | None
    today: date
    now: datetime
    codes: list[Code]
    payments: list[Received]
    reviews: dict[str, Review]
    credit: int
    entries: Sequence[CreditEntry]
    doubled: int
    period_price: int | None
    story: Timeline
    pay_link: str

    @property
    def in_doubt(self) -> list[Payment]:
        """What a person has still to decide."""
        return [
            one.payment
            for one in self.payments
            if one.payment.outcome == "needs_review" and one.payment.id not in self.reviews
        ]

    @property
    def came(self) -> int:
        return sum(one.payment.amount for one in self.payments)


async def show_bill(ask: Ask) -> Response:
    return ask.page("invoices/bill.html", bill=await ask.read(_bill, ask))


def bill_head(tx: Transaction, invoice_id: str) -> tuple[Invoice, App, Customer]:
    """Raises NotFound."""
    invoice = tx.one(INVOICE, id=invoice_id)
    if invoice is None:
        raise NotFound("invoice_not_found", "There is no invoice with this id.")
    app, customer = tx.one(APP, id=invoice.app_id), tx.one(CUSTOMER, id=invoice.customer_id)
    if app is None or customer is None:
        raise LookupError(f"{invoice.id} hangs on rows that are not there")
    return invoice, app, customer


def _bill(tx: Transaction, ask: Ask) -> Bill:
    invoice, app, customer = bill_head(tx, ask.params["id"])
    subscription = None
    if invoice.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION, id=invoice.subscription_id)
    asked = tx.all(CHARGES_ASKED, invoice_id=invoice.id, before=NEWEST, limit=MOST_CODES + 1)
    codes = codes_of(invoice, asked[:MOST_CODES], len(asked))
    walk = walk_payments(app.id, PaymentFilter(invoice_id=invoice.id))
    ids = page_of(tx, walk, Between(), MOST_PAYMENTS).ids
    payments = tx.all(RECEIVED, ids=ids) if ids else []
    reviews = tx.all(REVIEWS, ids=list(ids)) if ids else []
    credit = balance(tx, customer.id)
    now = app.at(ask.now)
    return Bill(
        invoice=invoice,
        app=app,
        customer=customer,
        subscription=subscription,
        plan=tx.one(PLAN, id=invoice.plan_id) if invoice.plan_id else None,
        today=local_date(now, app.zone),
        now=now,
        codes=codes,
        payments=payments,
        reviews={one.payment_id: one for one in reviews},
        credit=credit,
        entries=tx.all(ENTRIES_OF_CUSTOMER, customer_id=customer.id, before=NEWEST, limit=ENTRIES),
        doubled=sum(one.amount for one in doubled([one.payment for one in payments])),
        period_price=_price_from_credit(tx, subscription, credit),
        story=timeline_of(
            tx, app, history_of_invoice(tx, invoice.id, place_in(ask.query.get("story", "")))
        ),
        pay_link=ask.runtime.links.pay(invoice.pay_token),
    )


def _price_from_credit(
    tx: Transaction, subscription: Subscription | None, credit: int
) -> int | None:
    if subscription is None or credit == 0:
        return None
    price = next_price(subscription)
    if price is None or credit < price:
        return None
    has_open = tx.one(OPEN_INVOICE, subscription_id=subscription.id) is not None
    return None if has_open else price
