"""Tell how a subscription stands: the resource, with its open invoice, and the news of it."""

import msgspec

from payment_service.kit.statements import Transaction
from payment_service.model.contract import Contract, contract_of
from payment_service.model.event import EventType
from payment_service.model.invoice import OPEN_INVOICE
from payment_service.model.plan import PLAN, Plan
from payment_service.model.subscription import SUBSCRIPTION, Subscription
from payment_service.outbox import News
from payment_service.resources import Links, SubscriptionResource, subscription_resource


def tell(tx: Transaction, links: Links, contract: Contract) -> SubscriptionResource:
    """As the contract says, with the invoice that is open now."""
    subscription = contract.subscription
    return subscription_resource(
        subscription,
        contract.customer,
        contract.plan,
        tx.one(OPEN_INVOICE, subscription_id=subscription.id),
        links,
        next_plan=_next_plan(tx, subscription),
    )


def tell_stored(tx: Transaction, links: Links, subscription_id: str) -> SubscriptionResource:
    """As it stands in the database, after all that a deed has led to."""
    subscription = tx.one(SUBSCRIPTION, id=subscription_id)
    if subscription is None:
        raise LookupError(f"no subscription {subscription_id}")
    return tell(tx, links, contract_of(tx, subscription))


def news_of(
    tx: Transaction, links: Links, kind: EventType, contract: Contract, after: Subscription
) -> News:
    """The news of a step that made the contract's subscription what it is `after`.

    `seq` was raised by whoever took the step: one event for each.
    """
    changed = msgspec.structs.replace(contract, subscription=after)
    if after.plan_id != contract.plan.id:
        changed = contract_of(tx, after)
    return News(kind, after.id, tell(tx, links, changed), links.passes)


def _next_plan(tx: Transaction, subscription: Subscription) -> Plan | None:
    return tx.one(PLAN, id=subscription.next_plan_id) if subscription.next_plan_id else None
