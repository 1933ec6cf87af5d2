"""Credit a customer: money that no invoice needs is theirs, and pays what it covers whole."""

from datetime import datetime

from payment_service.books.pay_invoice import pay_invoice
from payment_service.kit.statements import Transaction
from payment_service.model.bill import Bill, with_invoice
from payment_service.model.credit import balance, enter
from payment_service.model.invoice import OPEN_INVOICES_OF_CUSTOMER
from payment_service.model.payment import Payment
from payment_service.outbox import News
from payment_service.resources import Links, payment_resource


def credit_customer(
    tx: Transaction, links: Links, bill: Bill, payment: Payment, amount: int, now: datetime
) -> list[News]:
    """Book so much of the payment as credit of the bill's locked customer, and use it."""
    enter(
        tx,
        app_id=bill.app.id,
        customer_id=bill.customer.id,
        kind="credited",
        amount=amount,
        payment_id=payment.id,
        now=now,
    )
    resource = payment_resource(
        payment, bill.customer.reference, bill.invoice.metadata, credited=amount
    )
    told = News("payment.credited", payment.id, resource)
    return [told, *use_credit(tx, links, bill, now)]


def use_credit(tx: Transaction, links: Links, bill: Bill, now: datetime) -> list[News]:
    """Settle the customer's open `first` and `renewal` invoices that the credit covers whole,
    oldest first."""
    news: list[News] = []
    for invoice in tx.all(OPEN_INVOICES_OF_CUSTOMER, customer_id=bill.customer.id):
        if invoice.kind not in ("first", "renewal"):
            continue
        if invoice.amount_due <= balance(tx, bill.customer.id):
            news += pay_invoice(tx, links, with_invoice(tx, bill, invoice), None, now=now)
    return news
