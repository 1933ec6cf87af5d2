"""A subscription as apps see it."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice
from payment_service.model.plan import Plan
from payment_service.model.subscription import Reason, Status, Subscription
from payment_service.resources.invoices import InvoiceResource, invoice_resource
from payment_service.resources.links import Links
from payment_service.resources.passes import PassContent


class CustomerOfSubscription(msgspec.Struct, frozen=True):
    """Who subscribes, as far as it is needed to know whose subscription it is."""

    id: str
    reference: str
    name: str | None


class PlanOfSubscription(msgspec.Struct, frozen=True):
    """What is subscribed to; `features` are yours to read."""

    id: str
    code: str
    name: str
    features: dict[str, Any]


class PendingChange(msgspec.Struct, frozen=True):
    """What the next invoice is issued for: another plan, or the same at another price in rupiah."""

    plan: str
    price: int


class SubscriptionResource(msgspec.Struct, frozen=True):
    """`paid_through` and `grace_until` are local dates, inclusive; a lower `seq` is old news."""

    id: str
    customer: CustomerOfSubscription
    plan: PlanOfSubscription
    status: Status
    access: bool
    reason: Reason | None
    price: int
    months: int
    paid_through: date | None
    grace_until: date | None
    cancel_at_period_end: bool
    pending_change: PendingChange | None
    seq: int
    pay_url: str
    return_url: str | None
    open_invoice: InvoiceResource | None
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


class SubscriptionNews(SubscriptionResource, frozen=True, kw_only=True):
    """A subscription as events tell of it. `access_pass` is None where it would not fit into a
    message, and once the customer is forgotten."""

    access_pass: str | None


class PlanChangeResource(msgspec.Struct, frozen=True):
    """The subscription after the deed; an upgrade takes effect when `upgrade_invoice` is paid."""

    subscription: SubscriptionResource
    upgrade_invoice: InvoiceResource | None


def subscription_resource(
    subscription: Subscription,
    customer: Customer,
    plan: Plan,
    open_invoice: Invoice | None,
    links: Links,
    *,
    next_plan: Plan | None = None,
) -> SubscriptionResource:
    """`next_plan` is the plan that `next_plan_id` names, if it names one."""
    return SubscriptionResource(
        id=subscription.id,
        customer=CustomerOfSubscription(customer.id, customer.reference, customer.name),
        plan=PlanOfSubscription(plan.id, plan.code, plan.name, plan.features),
        status=subscription.status,
        access=subscription.access,
        reason=subscription.reason,
        price=subscription.price,
        months=subscription.months,
        paid_through=subscription.paid_through,
        grace_until=subscription.grace_until,
        cancel_at_period_end=subscription.cancel_at_period_end,
        pending_change=_pending_change(subscription, next_plan or plan),
        seq=subscription.seq,
        pay_url=links.pay(subscription.pay_token),
        return_url=subscription.return_url,
        open_invoice=invoice_resource(open_invoice, customer.reference, links)
        if open_invoice
        else None,
        metadata=subscription.metadata,
        created_at=subscription.created_at,
    )


def pass_content(told: SubscriptionResource, app_id: str) -> PassContent:
    """What a pass of it says."""
    until = told.grace_until if told.status == "grace" else told.paid_through
    return PassContent(
        sub=told.customer.reference,
        app=app_id,
        subscription=told.id,
        plan=told.plan.code,
        features=told.plan.features,
        access=told.access,
        access_until=until if told.access else None,
        seq=told.seq,
    )


def with_pass(told: SubscriptionResource, access_pass: str | None) -> SubscriptionNews:
    return SubscriptionNews(**msgspec.structs.asdict(told), access_pass=access_pass)


def _pending_change(subscription: Subscription, plan: Plan) -> PendingChange | None:
    if subscription.next_price is None:
        return None
    return PendingChange(plan=plan.code, price=subscription.next_price)
