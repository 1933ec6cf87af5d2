"""A bill: an invoice and what paying it can touch, locked; and which bill money is for."""

import msgspec
from sqlalchemy import select

from payment_service.kit.statements import Transaction, param, side_by_side, value
from payment_service.model.ahead import Ahead
from payment_service.model.app import APP, App, apps
from payment_service.model.charge import CHARGE_LOCKED, PATH, Charge, charges
from payment_service.model.credit import balance
from payment_service.model.customer import CUSTOMER_LOCKED, Customer, customers
from payment_service.model.invoice import (
    INVOICE,
    INVOICE_LOCKED,
    OPEN_INVOICE,
    OPEN_INVOICES_OF_CUSTOMER,
    Invoice,
    invoices,
)
from payment_service.model.subscription import (
    OPEN,
    OPEN_SUBSCRIPTION_OF_CUSTOMER,
    SUBSCRIPTION_LOCKED,
    Subscription,
    ended_unpaid,
    subscriptions,
)

PAID_SINCE = value(
    select(invoices.c.id)
    .where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "paid",
        invoices.c.paid_at >= param("since"),
    )
    .limit(1),
    str,
)


class Bill(msgspec.Struct, frozen=True):
    """An invoice, whose it is, and the subscription that paying it moves, if any."""

    app: App
    customer: Customer
    subscription: Subscription | None
    invoice: Invoice


BILL_OF_CHARGE = side_by_side(
    select(apps, customers, subscriptions, invoices, charges)
    .select_from(charges)
    .join(invoices, invoices.c.id == charges.c.invoice_id)
    .join(customers, customers.c.id == invoices.c.customer_id)
    .join(apps, apps.c.id == charges.c.app_id)
    .outerjoin(subscriptions, subscriptions.c.id == invoices.c.subscription_id)
    .where(charges.c.id == param("id")),
    App, Customer, Subscription, Invoice, Charge,
)  # fmt: skip
"""For whoever is alone: one statement instead of six."""


def lock_bill_of_charge(tx: Transaction, charge_id: str) -> tuple[Bill, Charge]:
    """Lock customer, subscription, invoice, charge, in this order; the app's counter comes last."""
    if tx.is_alone:
        whole = tx.one(BILL_OF_CHARGE, id=charge_id)
        if whole is None:
            raise LookupError(f"no charge {charge_id}")
        *parts, charge = whole
        return Bill(*parts), charge
    path = tx.one(PATH, id=charge_id)
    if path is None:
        raise LookupError(f"no charge {charge_id}")
    bill = _lock(tx, path.app_id, path.customer_id, path.subscription_id, path.invoice_id)
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is None:
        raise LookupError(f"no charge {charge_id}")
    return bill, charge


def lock_bill(tx: Transaction, invoice_id: str) -> Bill:
    """The same for an invoice that is paid without a code."""
    seen = tx.one(INVOICE, id=invoice_id)
    if seen is None:
        raise LookupError(f"no invoice {invoice_id}")
    return _lock(tx, seen.app_id, seen.customer_id, seen.subscription_id, invoice_id)


def _lock(
    tx: Transaction, app_id: str, customer_id: str, subscription_id: str | None, invoice_id: str
) -> Bill:
    app = tx.one(APP, id=app_id)
    customer = tx.one(CUSTOMER_LOCKED, id=customer_id)
    subscription = None
    if subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION_LOCKED, id=subscription_id)
    invoice = tx.one(INVOICE_LOCKED, id=invoice_id)
    if app is None or customer is None or invoice is None:
        raise LookupError(f"invoice {invoice_id} hangs on rows that are not there")
    return Bill(app, customer, subscription, invoice)


def bill_to_pay(tx: Transaction, bill: Bill, amount: int, ahead: Ahead) -> Bill | None:
    """Which bill this much money for `bill` pays: itself, another of the same amount, or none.

    A void invoice that money revives got its credit back; the money and what of the credit is
    still there must cover it again.
    """
    if _pays_its_own(tx, bill, amount):
        short = needed(bill.invoice, ahead) - amount
        if short <= 0 or balance(tx, bill.customer.id) >= short:
            return bill
        return None
    if bill.invoice.status == "void" and ahead.periods == 1:
        return _bill_of_same_amount(tx, bill, amount)
    return None


def needed(invoice: Invoice, ahead: Ahead) -> int:
    """Rupiah that pay the invoice and the further periods asked for with it."""
    return invoice.total - invoice.credit_applied + ahead.amount


def _pays_its_own(tx: Transaction, bill: Bill, amount: int) -> bool:
    """Whether the money pays its own invoice, reviving it when it is void."""
    if bill.invoice.status == "open":
        return True
    subscription, kind = bill.subscription, bill.invoice.kind
    if bill.invoice.status == "paid" or subscription is None or kind not in ("first", "renewal"):
        return False
    if subscription.status == "pending":
        return True  # the first invoice was replaced, and the replaced one was paid
    if _drops_the_change(tx, bill, subscription, amount):
        return True
    newer = tx.one(OPEN_SUBSCRIPTION_OF_CUSTOMER, customer_id=bill.customer.id)
    return ended_unpaid(subscription) and (newer is None or bill.app.many_subscriptions)


def _drops_the_change(tx: Transaction, bill: Bill, subscription: Subscription, amount: int) -> bool:
    """Whether money for the renewal that the pending plan change replaced is too little for the new
    one: then the old period is bought and the change is dropped."""
    old = bill.invoice
    if subscription.next_plan_id is None or subscription.status not in OPEN:
        return False
    other = tx.one(OPEN_INVOICE, subscription_id=subscription.id)
    if other is None or old.void_reason != "replaced" or old.period_start != other.period_start:
        return False
    # What was bought since, an upgrade above all, is not given up for what an older code asked for.
    since = tx.one(PAID_SINCE, subscription_id=subscription.id, since=old.voided_at)
    return since is None and balance(tx, bill.customer.id) + amount < other.amount_due


def _bill_of_same_amount(tx: Transaction, bill: Bill, amount: int) -> Bill | None:
    """The customer's oldest open invoice over as much.

    The customer's lock, held since the start, keeps others from its subscriptions meanwhile.
    """
    for invoice in tx.all(OPEN_INVOICES_OF_CUSTOMER, customer_id=bill.customer.id):
        if invoice.amount_due == amount:
            return with_invoice(tx, bill, invoice)
    return None


def with_invoice(tx: Transaction, bill: Bill, invoice: Invoice) -> Bill:
    """The bill of another invoice of the same customer, who is locked already."""
    subscription = None
    if invoice.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION_LOCKED, id=invoice.subscription_id)
    return msgspec.structs.replace(bill, subscription=subscription, invoice=invoice)
