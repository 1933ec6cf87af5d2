"""The operations on events, webhook endpoints and deliveries."""

from payment_service.resources import (
    DeliveryResource,
    DeliveryWithAttempts,
    EndpointResource,
    EndpointWithSecret,
    EventResource,
    ResendResource,
)
from payment_service.web.api.events import EventPage
from payment_service.web.reference.operation import Operation, Operations, Shown, one, page_of

ENDPOINT = "/v1/webhook-endpoints/{endpoint_id}"
METADATA = ("metadata_too_large", "metadata_too_deep")
URL = "https://bengkel.example.com/webhooks/payment-service"

WEBHOOKS: Operations = {
    "GET /v1/events": Operation(
        id="listEvents",
        scope="read",
        answers={200: one(EventPage, "Events, oldest first.")},
        codes=("event_types", "date_range", "too_many_streams", "too_many_open"),
    ),
    "GET /v1/events/{event_id}": Operation(
        id="getEvent",
        scope="read",
        answers={200: one(EventResource, "The event.")},
    ),
    "POST /v1/webhook-endpoints": Operation(
        id="createWebhookEndpoint",
        scope="write",
        answers={201: one(EndpointWithSecret, "The endpoint, with its secret, this once.")},
        codes=("url_not_allowed", "event_types", "too_many_endpoints", "endpoint_twice", *METADATA),
        body={"url": URL, "types": ["subscription.activated", "subscription.suspended"]},
    ),
    "GET /v1/webhook-endpoints": Operation(
        id="listWebhookEndpoints",
        scope="read",
        answers={200: page_of(EndpointResource, "Endpoints, newest first.")},
        codes=("date_range",),
    ),
    f"GET {ENDPOINT}": Operation(
        id="getWebhookEndpoint",
        scope="read",
        answers={200: one(EndpointResource, "The endpoint.")},
    ),
    f"PATCH {ENDPOINT}": Operation(
        id="updateWebhookEndpoint",
        scope="write",
        answers={200: one(EndpointResource, "The endpoint as it is now.")},
        codes=("url_not_allowed", "event_types", "endpoint_twice", *METADATA),
        body={"status": "active"},
    ),
    f"DELETE {ENDPOINT}": Operation(
        id="deleteWebhookEndpoint",
        scope="write",
        answers={204: Shown(None, "It is gone.")},
    ),
    f"POST {ENDPOINT}/roll-secret": Operation(
        id="rollWebhookSecret",
        scope="write",
        answers={200: one(EndpointWithSecret, "The endpoint, with its new secret, this once.")},
        codes=("keep_hours", "old_secret_signs"),
        body={"keep_hours": 24},
    ),
    f"POST {ENDPOINT}/test": Operation(
        id="testWebhookEndpoint",
        scope="write",
        answers={202: one(DeliveryResource, "The delivery of the test event.")},
        codes=("endpoint_off",),
    ),
    f"POST {ENDPOINT}/resend": Operation(
        id="resendToWebhookEndpoint",
        scope="write",
        answers={202: one(ResendResource, "How far it has come.")},
        codes=("endpoint_off", "resend_running"),
        body={"since": "2026-11-20T00:00:00Z"},
    ),
    f"GET {ENDPOINT}/deliveries": Operation(
        id="listDeliveries",
        scope="read",
        answers={200: page_of(DeliveryResource, "Deliveries, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/deliveries/{delivery_id}": Operation(
        id="getDelivery",
        scope="read",
        answers={200: one(DeliveryWithAttempts, "The delivery and its attempts.")},
    ),
    "POST /v1/deliveries/{delivery_id}/resend": Operation(
        id="resendDelivery",
        scope="write",
        answers={202: one(DeliveryResource, "The delivery, queued again.")},
        codes=("endpoint_off", "endpoint_not_found"),
    ),
}
