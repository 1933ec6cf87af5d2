"""Forget a customer: its name, email, phone and metadata go; money, numbers and the log stay."""

import msgspec

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, checked_reason, record
from payment_service.model.customer import (
    CUSTOMER_LOCKED,
    Customer,
    customer_of_app,
    save_customer,
)
from payment_service.model.forgetting import (
    ANSWERS_THAT_NAME,
    BLANK_ANSWER,
    BLANK_EVENT,
    BLANK_NOTICES,
    BLANK_REFUNDS,
    BLANK_SUBSCRIPTIONS,
    EVENT_AT,
    EVENTS_ABOUT,
    INVOICES_TO_BLANK,
    SUBJECTS_OF_CUSTOMER,
    blank_metadata,
    blanked,
)
from payment_service.model.subscription import OPEN_SUBSCRIPTION_OF_CUSTOMER
from payment_service.runtime import Runtime


def forget_customer(tx: Transaction, app_id: str, customer_id: str, *, by: By) -> Customer:
    """Blank the customer and what hangs on it; `forget_what_was_told` is to follow.

    Again it changes nothing. Raises NotFound, and Conflict while a subscription is open: its app
    still has to know whose it is.
    """
    checked_reason(by)
    customer_of_app(tx, app_id, customer_id)
    customer = tx.one(CUSTOMER_LOCKED, id=customer_id)
    if customer is None:
        raise LookupError(f"no customer {customer_id}")
    subscription = tx.one(OPEN_SUBSCRIPTION_OF_CUSTOMER, customer_id=customer_id)
    if subscription is not None:
        raise Conflict(
            "subscription_open",
            f"This customer has a subscription that is {subscription.status}; cancel it first.",
            id=subscription.id,
        )
    tx.run(BLANK_SUBSCRIPTIONS, customer_id=customer_id)
    for invoice in tx.all(INVOICES_TO_BLANK, customer_id=customer_id):
        bare = blank_metadata(invoice.metadata)
        save(tx, invoice, msgspec.structs.replace(invoice, metadata=bare))
    tx.run(BLANK_NOTICES, customer_id=customer_id)
    tx.run(BLANK_REFUNDS, customer_id=customer_id)
    if customer.forgotten_at is not None:
        return customer
    record(tx, by, app_id, "customer.forget", customer_id)
    blank = msgspec.structs.replace(
        customer, name=None, email=None, phone=None, metadata={}, forgotten_at=by.at
    )
    return save_customer(tx, customer, blank)


async def forget_what_was_told(runtime: Runtime, customer: Customer) -> None:
    """Blank its stored events and answers, after the customer itself: whatever is told from then on
    has no name. Breaking off leaves nothing half done; it is simply called again.
    """
    app_id = customer.app_id
    for position in await runtime.db.examine(_positions, customer):
        await runtime.db.write(_blank_event, app_id, position)
    kept = await runtime.db.examine(
        lambda tx: tx.all(ANSWERS_THAT_NAME, app_id=app_id, customer_id=customer.id)
    )
    for answer in kept:
        await runtime.db.write(_blank_answer, app_id, answer.key, blanked(answer.body))


def _positions(tx: Transaction, customer: Customer) -> list[int]:
    """Where in the app's events the customer's are."""
    subjects = tx.all(SUBJECTS_OF_CUSTOMER, customer_id=customer.id)
    return tx.all(EVENTS_ABOUT, app_id=customer.app_id, ids=subjects)


def _blank_event(tx: Transaction, app_id: str, position: int) -> None:
    event = tx.one(EVENT_AT, app_id=app_id, position=position)
    if event is not None and (body := blanked(event.body)) != event.body:
        tx.run(BLANK_EVENT, key=event.key, new_body=body)


def _blank_answer(tx: Transaction, app_id: str, key: str, body: str) -> None:
    tx.run(BLANK_ANSWER, app_id=app_id, key=key, new_body=body)
