"""Void what a subscription has open, and let the credit that comes back pay what it covers."""

from datetime import datetime

from payment_service.books.credit_customer import use_credit
from payment_service.books.void_invoice import void_invoice
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.bill import Bill
from payment_service.model.contract import Contract
from payment_service.model.customer import Customer
from payment_service.model.invoice import (
    OPEN_INVOICES_OF_CUSTOMER,
    OPEN_INVOICES_OF_SUBSCRIPTION,
    OPEN_UPGRADE,
    VoidReason,
)
from payment_service.outbox import News
from payment_service.resources import Links


def void_open(
    tx: Transaction, links: Links, contract: Contract, reason: VoidReason, now: datetime
) -> list[News]:
    """Every open invoice of the subscription, whose customer is locked by the caller."""
    found = tx.all(OPEN_INVOICES_OF_SUBSCRIPTION, subscription_id=contract.subscription.id)
    theirs = contract.customer.reference
    return [void_invoice(tx, links, invoice, theirs, reason, now) for invoice in found]


def void_open_upgrade(
    tx: Transaction, links: Links, contract: Contract, now: datetime
) -> list[News]:
    """What else happens to the period makes an upgrade's unused days wrong."""
    upgrade = tx.one(OPEN_UPGRADE, subscription_id=contract.subscription.id)
    if upgrade is None:
        return []
    return [void_invoice(tx, links, upgrade, contract.customer.reference, "replaced", now)]


def use_returned_credit(
    tx: Transaction, links: Links, app: App, customer: Customer, now: datetime
) -> list[News]:
    """Once nothing is to be issued in the place of what was voided."""
    for invoice in tx.all(OPEN_INVOICES_OF_CUSTOMER, customer_id=customer.id)[:1]:
        return use_credit(tx, links, Bill(app, customer, None, invoice), now)
    return []
