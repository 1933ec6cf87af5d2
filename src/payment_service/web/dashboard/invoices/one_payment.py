"""One payment, and where something about it was wrong: what becomes of it, as a person decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.admin import ADMIN
from payment_service.model.app import App
from payment_service.model.audit import ENTRIES_OF_SUBJECT
from payment_service.model.charge import CHARGE, Charge
from payment_service.model.customer import Customer
from payment_service.model.invoice import INVOICE, Invoice
from payment_service.model.invoice_list import OPEN_ONES_OF_CUSTOMER
from payment_service.model.payment import MANUAL, PAYMENT, Payment
from payment_service.model.payment_list import RECEIVED
from payment_service.model.review import REVIEW, Review
from payment_service.model.subscription import SUBSCRIPTION, Subscription
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.invoices.bill import bill_head
from payment_service.web.dashboard.invoices.period_from_credit import next_price
from payment_service.web.dashboard.lately import Done

NOT_MONEY = ("sandbox_money_in_live_app", "live_money_in_test_app")


class OnePayment(NamedTuple):
    """`credited` is how much of it became credit, `deeds` what admins did with it. `period_price`
    is rupiah of one more period, where the money covers that."""

    payment: Payment
    app: App
    invoice: Invoice
    customer: Customer
    subscription: Subscription | None
    charge: Charge | None
    credited: int
    review: Review | None
    settled: Invoice | None
    deeds: Sequence[Done]
    payable: list[Invoice]
    period_price: int | None
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether a person has still to decide."""
        return self.payment.outcome == "needs_review" and self.review is None

    @property
    def is_usable(self) -> bool:
        return self.payment.reason not in NOT_MONEY


async def show_payment(ask: Ask) -> Response:
    return ask.page("invoices/payment.html", one=await ask.read(read_payment, ask))


def read_payment(tx: Transaction, ask: Ask) -> OnePayment:
    """Raises NotFound."""
    payment = tx.one(PAYMENT, id=ask.params["id"])
    if payment is None:
        raise NotFound("payment_not_found", "There is no payment with this id.")
    invoice, app, customer = bill_head(tx, payment.invoice_id)
    subscription = None
    if invoice.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION, id=invoice.subscription_id)
    received = tx.one(RECEIVED, ids=[payment.id])
    review = tx.one(REVIEW, payment_id=payment.id)
    settled = tx.one(INVOICE, id=review.invoice_id) if review and review.invoice_id else None
    return OnePayment(
        payment=payment,
        app=app,
        invoice=invoice,
        customer=customer,
        subscription=subscription,
        charge=tx.one(CHARGE, id=payment.charge_id) if payment.charge_id else None,
        credited=received.credited if received else 0,
        review=review,
        settled=settled,
        deeds=_deeds(tx, payment),
        payable=_payable(tx, payment, invoice),
        period_price=_period_price(payment, invoice, subscription),
        now=app.at(ask.now),
    )


def _deeds(tx: Transaction, payment: Payment) -> list[Done]:
    """Also the one by which it was marked as paid, which is the invoice's."""
    found = list(tx.all(ENTRIES_OF_SUBJECT, subject_id=payment.id))
    if payment.gateway == MANUAL:
        found += [
            entry
            for entry in tx.all(ENTRIES_OF_SUBJECT, subject_id=payment.invoice_id)
            if entry.deed == "invoice.mark_paid"
            and entry.details.get("reference") == payment.reference
        ]
    return [Done(entry, tx.one(ADMIN, id=entry.actor)) for entry in found]


def _payable(tx: Transaction, payment: Payment, invoice: Invoice) -> list[Invoice]:
    """The customer's open invoices that the money covers, that for which it came first."""
    found = tx.all(OPEN_ONES_OF_CUSTOMER, customer_id=payment.customer_id)
    fitting = [one for one in found if one.amount_due <= payment.amount]
    return sorted(fitting, key=lambda one: one.id != invoice.id)


def _period_price(
    payment: Payment, invoice: Invoice, subscription: Subscription | None
) -> int | None:
    """Only where its own invoice is paid: an open one takes the money first."""
    if subscription is None or invoice.status == "open":
        return None
    price = next_price(subscription)
    return price if price is not None and price <= payment.amount else None
