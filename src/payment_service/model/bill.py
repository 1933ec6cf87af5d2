"""A bill: everything that one payment can touch, and which of it the money is for."""

import msgspec

from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App
from payment_service.model.charge import CHARGE_LOCKED, PATH, Charge
from payment_service.model.customer import CUSTOMER_LOCKED, Customer
from payment_service.model.invoice import INVOICE_LOCKED, OPEN_INVOICES_OF_CUSTOMER, Invoice
from payment_service.model.subscription import (
    OPEN_SUBSCRIPTION_OF_CUSTOMER,
    SUBSCRIPTION_LOCKED,
    Subscription,
    ended_unpaid,
)


class Bill(msgspec.Struct, frozen=True):
    """Everything a payment can touch, locked in the one order that all transactions keep."""

    app: App
    customer: Customer
    subscription: Subscription | None
    invoice: Invoice
    charge: Charge


def lock_bill(tx: Transaction, charge_id: str) -> Bill:
    """Lock customer, subscription, invoice, charge, in this order; the app's counter comes last."""
    path = tx.one(PATH, id=charge_id)
    if path is None:
        raise LookupError(f"no charge {charge_id}")
    app = tx.one(APP, id=path.app_id)
    customer = tx.one(CUSTOMER_LOCKED, id=path.customer_id)
    subscription = None
    if path.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION_LOCKED, id=path.subscription_id)
    invoice = tx.one(INVOICE_LOCKED, id=path.invoice_id)
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if app is None or customer is None or invoice is None or charge is None:
        raise LookupError(f"charge {charge_id} hangs on rows that are not there")
    return Bill(app, customer, subscription, invoice, charge)


def pays_its_own(tx: Transaction, bill: Bill) -> bool:
    """Whether the money pays its own invoice, reviving it when it is void."""
    if bill.invoice.status == "open":
        return True
    subscription, kind = bill.subscription, bill.invoice.kind
    if bill.invoice.status == "paid" or subscription is None or kind not in ("first", "renewal"):
        return False
    if subscription.status == "pending":
        return True  # the first invoice was replaced, and the replaced one was paid
    newer = tx.one(OPEN_SUBSCRIPTION_OF_CUSTOMER, customer_id=bill.customer.id)
    return ended_unpaid(subscription) and (newer is None or bill.app.many_subscriptions)


def bill_of_same_amount(tx: Transaction, bill: Bill) -> Bill | None:
    """What the money pays instead of a void invoice: the customer's oldest open one over as much.

    The customer's lock, held since the start, keeps others from its subscriptions meanwhile.
    """
    if bill.charge.periods != 1:
        return None
    for invoice in tx.all(OPEN_INVOICES_OF_CUSTOMER, customer_id=bill.customer.id):
        if invoice.amount_due == bill.charge.amount:
            subscription = None
            if invoice.subscription_id is not None:
                subscription = tx.one(SUBSCRIPTION_LOCKED, id=invoice.subscription_id)
            return msgspec.structs.replace(bill, subscription=subscription, invoice=invoice)
    return None
