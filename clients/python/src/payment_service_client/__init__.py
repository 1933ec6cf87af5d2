"""Payment Service from Python: `Client` blocks, `AsyncClient` waits; both are fully typed."""

from payment_service_client.async_client import AsyncClient, AsyncPassVerifier
from payment_service_client.client import Client, PassVerifier
from payment_service_client.errors import (
    Conflict,
    ExpiredPass,
    Forbidden,
    Invalid,
    InvalidPass,
    InvalidWebhook,
    NotFound,
    PaymentServiceError,
    Refused,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    UnknownKey,
    Unreachable,
)
from payment_service_client.events import Event
from payment_service_client.passes import AccessPass
from payment_service_client.records import Invoice, Qris, Subscription
from payment_service_client.retrying import Patience
from payment_service_client.webhooks import WebhookVerifier

__all__ = [
    "AccessPass",
    "AsyncClient",
    "AsyncPassVerifier",
    "Client",
    "Conflict",
    "Event",
    "ExpiredPass",
    "Forbidden",
    "Invalid",
    "InvalidPass",
    "InvalidWebhook",
    "Invoice",
    "NotFound",
    "PassVerifier",
    "Patience",
    "PaymentServiceError",
    "Qris",
    "Refused",
    "Subscription",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "UnknownKey",
    "Unreachable",
    "WebhookVerifier",
]
