"""Subscribe a customer to a plan: the subscription and what is owed for it."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from payment_service.books.draft_invoice import Terms, draft_first, draft_renewal, terms_of
from payment_service.books.issue_invoice import Issued, issue_invoice
from payment_service.books.know_customer import know_customer
from payment_service.books.replace_first import replace_first
from payment_service.books.tell_subscription import tell_stored
from payment_service.kit.calendar import local_date
from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id, new_token
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.app import App
from payment_service.model.contract import contract_of
from payment_service.model.customer import Customer
from payment_service.model.event import EventType
from payment_service.model.invoice import OPEN_INVOICE, Invoice
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


TRIAL_STARTED: EventType = "subscription.trial_started"


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
    told = msgspec.structs.asdict(subscriber)
    customer = know_customer(tx, app.id, told.pop("reference"), told, now)
    case = Case(tx, app, links, customer, plan, now)
    if not app.many_subscriptions:
        earlier = tx.one(OPEN_SUBSCRIPTION_OF_CUSTOMER, customer_id=customer.id)
        if earlier is not None:
            return _again(case, earlier)
    subscription = _pending(case, return_url, metadata)
    add(tx, subscription)
    if plan.price == 0:
        active = moved(subscription, "active", activated_at=now, seq=2)
        return _begin(case, subscription, active, "subscription.activated")
    if plan.trial_days > 0 and customer.trial_used_at is None:
        return _begin(case, subscription, _on_trial(case, subscription), TRIAL_STARTED)
    invoice, issued = _issue_first(case, subscription)
    news = [case.news("subscription.created", subscription, invoice)]
    announce(tx, app.id, [*news, *issued], now)
    return Subscribed(tell_stored(tx, links, subscription.id), created=True)


class Case(NamedTuple):
    """Who wants what, in which transaction, when."""

    tx: Transaction
    app: App
    links: Links
    customer: Customer
    plan: Plan
    now: datetime

    def resource(self, subscription: Subscription, invoice: Invoice | None) -> SubscriptionResource:
        return subscription_resource(subscription, self.customer, self.plan, invoice, self.links)

    def news(self, kind: EventType, after: Subscription, invoice: Invoice | None) -> News:
        return News(kind, after.id, self.resource(after, invoice), self.links.passes)


def _pending(case: Case, return_url: str | None, metadata: dict[str, Any]) -> Subscription:
    return Subscription(
        id=new_id("sub", case.now),
        app_id=case.app.id,
        customer_id=case.customer.id,
        plan_id=case.plan.id,
        status="pending",
        reason=None,
        price=case.plan.price,
        months=case.plan.months,
        anchor_day=None,
        paid_through=None,
        grace_until=None,
        cancel_at_period_end=False,
        next_plan_id=None,
        next_price=None,
        seq=1,
        pay_token=new_token(),
        return_url=return_url,
        exclusive=not case.app.many_subscriptions,
        metadata=metadata,
        activated_at=None,
        suspended_at=None,
        ended_at=None,
        created_at=case.now,
        version=1,
    )


def _on_trial(case: Case, subscription: Subscription) -> Subscription:
    """One trial per customer and app; its last day becomes the anchor."""
    save(case.tx, case.customer, msgspec.structs.replace(case.customer, trial_used_at=case.now))
    last_day = local_date(case.now, case.app.zone) + timedelta(days=case.plan.trial_days)
    return moved(subscription, "trialing", paid_through=last_day, anchor_day=last_day.day, seq=2)


def _begin(
    case: Case, subscription: Subscription, begun: Subscription, event: EventType
) -> Subscribed:
    """Access at once: the same two events as when a first invoice is paid later.

    A trial that is no longer than the app's lead has its first invoice at once.
    """
    begun = save(case.tx, subscription, begun)
    invoice: Invoice | None = None
    issued: list[News] = []
    if begun.status == "trialing" and case.plan.trial_days <= case.app.renewal_lead_days:
        draft = draft_renewal(case.app, begun, terms_of(begun, case.plan, None), case.now)
        invoice, issued = issue_invoice(
            case.tx, case.links, case.app, case.customer, begun, draft, case.now
        )
    news = [
        case.news("subscription.created", subscription, None),
        case.news(event, begun, invoice),
    ]
    announce(case.tx, case.app.id, [*news, *issued], case.now)
    return Subscribed(tell_stored(case.tx, case.links, begun.id), created=True)


def _again(case: Case, earlier: Subscription) -> Subscribed:
    """Subscribing while there is an open subscription."""
    if earlier.status != "pending":
        raise Conflict(
            "already_subscribed",
            f"This customer has a subscription that is {earlier.status}; read it by its id.",
            id=earlier.id,
        )
    invoice = case.tx.one(OPEN_INVOICE, subscription_id=earlier.id)
    if earlier.plan_id == case.plan.id:
        return Subscribed(case.resource(earlier, invoice), created=False)
    contract = contract_of(case.tx, earlier)
    news = replace_first(case.tx, case.links, contract, case.plan, case.now)
    announce(case.tx, case.app.id, news, case.now)
    return Subscribed(tell_stored(case.tx, case.links, earlier.id), created=False)


def _issue_first(case: Case, subscription: Subscription) -> Issued:
    terms = Terms(case.plan, subscription.price, subscription.months)
    draft = draft_first(case.app, subscription, terms, case.now)
    return issue_invoice(
        case.tx, case.links, case.app, case.customer, subscription, draft, case.now
    )
