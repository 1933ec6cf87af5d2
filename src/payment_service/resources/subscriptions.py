"""A subscription as apps see it."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice
from payment_service.model.plan import Plan
from payment_service.model.subscription import Subscription
from payment_service.resources.invoices import InvoiceResource, invoice_resource
from payment_service.resources.links import Links


class CustomerResource(msgspec.Struct, frozen=True):
    id: str
    reference: str
    name: str | None


class PlanOfSubscription(msgspec.Struct, frozen=True):
    id: str
    code: str
    name: str
    features: dict[str, Any]


class SubscriptionResource(msgspec.Struct, frozen=True):
    """`paid_through` and `grace_until` are local dates, inclusive; a lower `seq` is old news."""

    id: str
    customer: CustomerResource
    plan: PlanOfSubscription
    status: str
    access: bool
    reason: str | None
    price: int
    months: int
    paid_through: date | None
    grace_until: date | None
    cancel_at_period_end: bool
    seq: int
    pay_url: str
    open_invoice: InvoiceResource | None
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


def subscription_resource(
    subscription: Subscription,
    customer: Customer,
    plan: Plan,
    open_invoice: Invoice | None,
    links: Links,
) -> SubscriptionResource:
    return SubscriptionResource(
        id=subscription.id,
        customer=CustomerResource(customer.id, customer.reference, customer.name),
        plan=PlanOfSubscription(plan.id, plan.code, plan.name, plan.features),
        status=subscription.status,
        access=subscription.access,
        reason=subscription.reason,
        price=subscription.price,
        months=subscription.months,
        paid_through=subscription.paid_through,
        grace_until=subscription.grace_until,
        cancel_at_period_end=subscription.cancel_at_period_end,
        seq=subscription.seq,
        pay_url=links.pay(subscription.pay_token),
        open_invoice=invoice_resource(open_invoice, links) if open_invoice else None,
        metadata=subscription.metadata,
        created_at=subscription.created_at,
    )
