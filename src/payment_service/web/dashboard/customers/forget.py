"""Forgetting a customer for good."""

from starlette.responses import Response

from payment_service.actions.forget_customer import forget_customer, forget_what_was_told
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.customer import Customer
from payment_service.model.listed import list_subscriptions, show
from payment_service.model.subscription import OPEN
from payment_service.model.subscription_list import Standing, SubscriptionFilter
from payment_service.model.turning import Turn
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.customers.subject import (
    ALL,
    CustomerSubject,
    customer_in,
    subject_of,
)


async def show_forget(ask: Ask) -> Response:
    """As long as a subscription is open, the page names it and has no form."""
    subject, standing = await ask.read(_asked, ask)
    return ask.page("customers/forget.html", subject=subject, standing=standing)


async def forget(ask: Ask) -> Response:
    """What was told is blanked also where somebody has begun it and was broken off."""
    customer, is_new = await ask.write(_forget, ask)
    await forget_what_was_told(ask.runtime, customer)
    if not is_new:
        raise Conflict("forgotten_already", "This customer was forgotten already.", id=customer.id)
    return ask.go(f"{ALL}/{customer.id}", "customer_forgotten")


def _asked(tx: Transaction, ask: Ask) -> tuple[CustomerSubject, Standing | None]:
    subject = subject_of(tx, ask)
    theirs = SubscriptionFilter(customer_id=subject.customer.id, statuses=OPEN)
    found = show(tx, list_subscriptions({subject.app.id: theirs}), Turn(), 1).rows
    return subject, found[0] if found else None


def _forget(tx: Transaction, ask: Ask) -> tuple[Customer, bool]:
    found, by = customer_in(tx, ask), ask.by(ask.text("reason"))
    forgotten = forget_customer(tx, found.app_id, found.id, by=by)
    return forgotten, found.forgotten_at is None
