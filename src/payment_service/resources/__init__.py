"""How each thing looks from outside: the same shape in the API and in webhooks."""

from payment_service.resources.apps import AppResource, GatewayOfApp, app_resource
from payment_service.resources.charges import ChargeResource, charge_resource
from payment_service.resources.credit import (
    CreditEntryResource,
    CreditResource,
    credit_entry_resource,
    credit_resource,
)
from payment_service.resources.customers import CustomerResource, customer_resource
from payment_service.resources.deliveries import (
    DeliveryResource,
    DeliveryWithAttempts,
    delivery_resource,
    delivery_with_attempts,
    request_headers,
)
from payment_service.resources.endpoints import (
    EndpointResource,
    EndpointWithSecret,
    ResendResource,
    endpoint_resource,
    endpoint_with_secret,
    resend_resource,
)
from payment_service.resources.events import EventResource, event_resource
from payment_service.resources.invoices import (
    InvoiceResource,
    QrisResource,
    billed_resource,
    invoice_resource,
    needs_no_code,
    qris_resource,
)
from payment_service.resources.keys import (
    KeyResource,
    NewKeyResource,
    key_resource,
    new_key_resource,
)
from payment_service.resources.links import Links
from payment_service.resources.passes import PassResource, PassSigner
from payment_service.resources.payments import (
    PaymentResource,
    RefundResource,
    payment_resource,
    received_resource,
)
from payment_service.resources.plans import PlanResource, plan_resource
from payment_service.resources.reminders import (
    ReminderResource,
    ReminderText,
    reminder_resource,
)
from payment_service.resources.subscriptions import (
    CustomerOfSubscription,
    PlanChangeResource,
    PlanOfSubscription,
    SubscriptionNews,
    SubscriptionResource,
    pass_content,
    subscription_resource,
    with_pass,
)

__all__ = [
    "AppResource",
    "ChargeResource",
    "CreditEntryResource",
    "CreditResource",
    "CustomerOfSubscription",
    "CustomerResource",
    "DeliveryResource",
    "DeliveryWithAttempts",
    "EndpointResource",
    "EndpointWithSecret",
    "EventResource",
    "GatewayOfApp",
    "InvoiceResource",
    "KeyResource",
    "Links",
    "NewKeyResource",
    "PassResource",
    "PassSigner",
    "PaymentResource",
    "PlanChangeResource",
    "PlanOfSubscription",
    "PlanResource",
    "QrisResource",
    "RefundResource",
    "ReminderResource",
    "ReminderText",
    "ResendResource",
    "SubscriptionNews",
    "SubscriptionResource",
    "app_resource",
    "billed_resource",
    "charge_resource",
    "credit_entry_resource",
    "credit_resource",
    "customer_resource",
    "delivery_resource",
    "delivery_with_attempts",
    "endpoint_resource",
    "endpoint_with_secret",
    "event_resource",
    "invoice_resource",
    "key_resource",
    "needs_no_code",
    "new_key_resource",
    "pass_content",
    "payment_resource",
    "plan_resource",
    "qris_resource",
    "received_resource",
    "reminder_resource",
    "request_headers",
    "resend_resource",
    "subscription_resource",
    "with_pass",
]
