"""A contract: a subscription with all that a deed on it needs, locked."""

import msgspec

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App
from payment_service.model.customer import CUSTOMER, CUSTOMER_LOCKED, Customer
from payment_service.model.plan import PLAN, Plan
from payment_service.model.subscription import (
    SUBSCRIPTION_LOCKED,
    Subscription,
    subscription_of_app,
)


class Contract(msgspec.Struct, frozen=True):
    """A subscription, whose it is, and the plan it is on."""

    app: App
    customer: Customer
    subscription: Subscription
    plan: Plan


def lock_contract(tx: Transaction, app_id: str, subscription_id: str) -> Contract:
    """Lock customer and subscription, in this order. Raises NotFound for another app's too."""
    seen = subscription_of_app(tx, app_id, subscription_id)
    tx.one(CUSTOMER_LOCKED, id=seen.customer_id)
    subscription = tx.one(SUBSCRIPTION_LOCKED, id=subscription_id)
    if subscription is None:
        raise NotFound("subscription_not_found", "There is no subscription with this id.")
    return contract_of(tx, subscription)


def contract_of(tx: Transaction, subscription: Subscription) -> Contract:
    """What stands around a subscription, unlocked."""
    app = tx.one(APP, id=subscription.app_id)
    customer = tx.one(CUSTOMER, id=subscription.customer_id)
    plan = tx.one(PLAN, id=subscription.plan_id)
    if app is None or customer is None or plan is None:
        raise LookupError(f"subscription {subscription.id} hangs on rows that are not there")
    return Contract(app, customer, subscription, plan)
