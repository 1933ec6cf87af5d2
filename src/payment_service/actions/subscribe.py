"""Subscribe a customer to a plan: the subscription and what is owed for it."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from payment_service.actions.issue_invoice import issue_first_invoice
from payment_service.kit.calendar import local_date
from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.app import App
from payment_service.model.customer import Customer, find_or_add
from payment_service.model.invoice import OPEN_INVOICE, Invoice, void
from payment_service.model.plan import Plan, plan_for_sale
from payment_service.model.subscription import (
    OPEN_SUBSCRIPTION_OF_CUSTOMER,
    Subscription,
    moved,
)
from payment_service.outbox import News, announce
from payment_service.resources import (
    Links,
    SubscriptionResource,
    invoice_resource,
    subscription_resource,
)


class Subscriber(msgspec.Struct, frozen=True):
    """Who subscribes, as the app tells it; None leaves what is known as it is."""

    reference: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    metadata: dict[str, Any] | None = None


class Subscribed(NamedTuple):
    """The subscription as the app sees it, and whether it was made by this call."""

    resource: SubscriptionResource
    created: bool


def subscribe(
    tx: Transaction,
    app: App,
    links: Links,
    subscriber: Subscriber,
    plan_code: str,
    return_url: str | None,
    metadata: dict[str, Any],
    now: datetime,
) -> Subscribed:
    """Pending until its first invoice is paid; active at once on a free plan or a trial.

    Again while pending: the same plan gives the same subscription, another plan replaces the
    first invoice. Raises Conflict when the customer has another open subscription and the app
    allows one, Invalid for an unknown or archived plan.
    """
    plan = plan_for_sale(tx, app.id, plan_code)
    customer = _known(tx, app, subscriber, now)
    if not app.many_subscriptions:
        earlier = tx.one(OPEN_SUBSCRIPTION_OF_CUSTOMER, customer_id=customer.id)
        if earlier is not None:
            return _again(tx, app, links, earlier, customer, plan, now)
    subscription = Subscription(
        id=new_id("sub", now),
        app_id=app.id,
        customer_id=customer.id,
        plan_id=plan.id,
        status="pending",
        reason=None,
        price=plan.price,
        months=plan.months,
        anchor_day=None,
        paid_through=None,
        grace_until=None,
        cancel_at_period_end=False,
        next_plan_id=None,
        next_price=None,
        seq=1,
        pay_token=new_token(),
        return_url=return_url,
        exclusive=not app.many_subscriptions,
        metadata=metadata,
        activated_at=None,
        suspended_at=None,
        ended_at=None,
        created_at=now,
        version=1,
    )
    add(tx, subscription)
    created = subscription_resource(subscription, customer, plan, None, links)
    if plan.price == 0:
        begun = moved(subscription, "active", activated_at=now, seq=2)
        return _begun(tx, app, links, subscription, begun, customer, plan, now)
    if plan.trial_days > 0 and customer.trial_used_at is None:
        last_day = local_date(now, app.zone) + timedelta(days=plan.trial_days)
        customer = save(tx, customer, msgspec.structs.replace(customer, trial_used_at=now))
        begun = moved(
            subscription, "trialing", paid_through=last_day, anchor_day=last_day.day, seq=2
        )
        return _begun(tx, app, links, subscription, begun, customer, plan, now)
    invoice = issue_first_invoice(tx, app, subscription, plan, now)
    created = subscription_resource(subscription, customer, plan, invoice, links)
    news = [
        News("subscription.created", subscription.id, created),
        News("invoice.issued", invoice.id, invoice_resource(invoice, links)),
    ]
    announce(tx, app.id, news, now)
    return Subscribed(created, created=True)


def _known(tx: Transaction, app: App, subscriber: Subscriber, now: datetime) -> Customer:
    """The customer, with what the app told of it now."""
    customer = find_or_add(tx, app.id, subscriber.reference, now)
    told = {
        name: value
        for name in ("name", "email", "phone", "metadata")
        if (value := getattr(subscriber, name)) is not None
    }
    return save(tx, customer, msgspec.structs.replace(customer, **told)) if told else customer


def _begun(
    tx: Transaction,
    app: App,
    links: Links,
    subscription: Subscription,
    begun: Subscription,
    customer: Customer,
    plan: Plan,
    now: datetime,
) -> Subscribed:
    """Access at once: a free plan, or a trial."""
    begun = save(tx, subscription, begun)
    before = subscription_resource(subscription, customer, plan, None, links)
    after = subscription_resource(begun, customer, plan, None, links)
    started = News("subscription.activated", begun.id, after)
    if begun.status == "trialing":
        started = News("subscription.trial_started", begun.id, after)
    announce(tx, app.id, [News("subscription.created", begun.id, before), started], now)
    return Subscribed(after, created=True)


def _again(
    tx: Transaction,
    app: App,
    links: Links,
    earlier: Subscription,
    customer: Customer,
    plan: Plan,
    now: datetime,
) -> Subscribed:
    """Subscribing while there is an open subscription."""
    if earlier.status != "pending":
        raise Conflict(
            "already_subscribed",
            f"This customer has a subscription that is {earlier.status}; change its plan instead.",
            id=earlier.id,
        )
    invoice = tx.one(OPEN_INVOICE, subscription_id=earlier.id)
    if earlier.plan_id == plan.id:
        same = subscription_resource(earlier, customer, plan, invoice, links)
        return Subscribed(same, created=False)
    return _replace_first(tx, app, links, earlier, invoice, customer, plan, now)


def _replace_first(
    tx: Transaction,
    app: App,
    links: Links,
    earlier: Subscription,
    invoice: Invoice | None,
    customer: Customer,
    plan: Plan,
    now: datetime,
) -> Subscribed:
    """Another plan was chosen before the first was paid. Its code stays good: see `settle`."""
    if plan.price == 0 or plan.trial_days > 0:
        raise Conflict(
            "subscription_pending",
            "This customer has an unpaid subscription; cancel it before choosing a plan that "
            "needs no payment.",
            id=earlier.id,
        )
    news = []
    if invoice is not None:
        voided = save(tx, invoice, void(invoice, "replaced", now))
        news.append(News("invoice.voided", voided.id, invoice_resource(voided, links)))
    changed = msgspec.structs.replace(
        earlier, plan_id=plan.id, price=plan.price, months=plan.months, seq=earlier.seq + 1
    )
    subscription = save(tx, earlier, changed)
    fresh = issue_first_invoice(tx, app, subscription, plan, now)
    resource = subscription_resource(subscription, customer, plan, fresh, links)
    news.append(News("invoice.issued", fresh.id, invoice_resource(fresh, links)))
    news.append(News("subscription.updated", subscription.id, resource))
    announce(tx, app.id, news, now)
    return Subscribed(resource, created=False)
