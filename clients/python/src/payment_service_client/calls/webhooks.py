"""`/v1/events`, `/v1/webhook-endpoints` and `/v1/deliveries`: what apps hear."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from payment_service_client.call import UNSET, Call, Unset, place, reads, writes
from payment_service_client.events import (
    Delivery,
    Event,
    EventPage,
    Resend,
    WebhookEndpoint,
)
from payment_service_client.records import Page


def events(
    *,
    after: int = 0,
    types: Iterable[str] | None = None,
    customer: str | None = None,
    subscription: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    wait: int = 0,
) -> Call[EventPage]:
    """Oldest first, after that position; with `wait` the answer waits so many seconds, at most 25,
    for the next one."""
    return reads(
        place("events"),
        EventPage,
        after=after,
        types=",".join(types) if types is not None else None,
        customer=customer,
        subscription=subscription,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        wait=wait or None,
        waits=wait,
    )


def event(event_id: str) -> Call[Event]:
    return reads(place("events", event_id), Event)


def endpoints(
    *,
    status: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[WebhookEndpoint]]:
    return reads(
        place("webhook-endpoints"),
        Page[WebhookEndpoint],
        status=status,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        after=after,
    )


def endpoint(endpoint_id: str) -> Call[WebhookEndpoint]:
    return reads(place("webhook-endpoints", endpoint_id), WebhookEndpoint)


def create_endpoint(
    *,
    url: str,
    types: Iterable[str] | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[WebhookEndpoint]:
    """Its `secret` is told this once. Without types it hears of everything."""
    body = {
        "url": url,
        "types": list(types) if types is not None else None,
        "description": description,
        "metadata": metadata or {},
    }
    path = place("webhook-endpoints")
    return writes("POST", path, WebhookEndpoint, body, idempotency_key=idempotency_key)


def edit_endpoint(
    endpoint_id: str,
    *,
    url: str | Unset = UNSET,
    types: Iterable[str] | Unset | None = UNSET,
    status: str | Unset = UNSET,
    description: str | Unset | None = UNSET,
    metadata: Mapping[str, Any] | Unset = UNSET,
    idempotency_key: str | None = None,
) -> Call[WebhookEndpoint]:
    """Only what is given is changed; `status` is `active` or `off`; `active` said again forgets the
    endpoint's failures."""
    body = {
        "url": url,
        "types": types if types is None or isinstance(types, Unset) else list(types),
        "status": status,
        "description": description,
        "metadata": metadata,
    }
    path = place("webhook-endpoints", endpoint_id)
    return writes("PATCH", path, WebhookEndpoint, body, idempotency_key=idempotency_key)


def delete_endpoint(endpoint_id: str, *, idempotency_key: str | None = None) -> Call[None]:
    path = place("webhook-endpoints", endpoint_id)
    return writes("DELETE", path, None, idempotency_key=idempotency_key)


def roll_endpoint_secret(
    endpoint_id: str, *, keep_hours: int = 24, idempotency_key: str | None = None
) -> Call[WebhookEndpoint]:
    """For so many hours, up to 168, messages carry a signature of each secret; until then only 0
    is taken, which ends every older secret at once."""
    path = place("webhook-endpoints", endpoint_id, "roll-secret")
    body = {"keep_hours": keep_hours}
    return writes("POST", path, WebhookEndpoint, body, idempotency_key=idempotency_key)


def send_test(endpoint_id: str, *, idempotency_key: str | None = None) -> Call[Delivery]:
    path = place("webhook-endpoints", endpoint_id, "test")
    return writes("POST", path, Delivery, idempotency_key=idempotency_key)


def resend_since(
    endpoint_id: str, *, since: datetime, idempotency_key: str | None = None
) -> Call[Resend]:
    """Everything since then, whether it arrived or not."""
    return _resend(endpoint_id, {"since": since}, idempotency_key)


def resend_failed(endpoint_id: str, *, idempotency_key: str | None = None) -> Call[Resend]:
    """What failed for good, and what waits for its next attempt."""
    return _resend(endpoint_id, {"failed": True}, idempotency_key)


def deliveries(
    endpoint_id: str,
    *,
    status: str | None = None,
    event: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Delivery]]:
    return reads(
        place("webhook-endpoints", endpoint_id, "deliveries"),
        Page[Delivery],
        status=status,
        event=event,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        after=after,
    )


def delivery(delivery_id: str) -> Call[Delivery]:
    """With its attempts."""
    return reads(place("deliveries", delivery_id), Delivery)


def resend_delivery(delivery_id: str, *, idempotency_key: str | None = None) -> Call[Delivery]:
    path = place("deliveries", delivery_id, "resend")
    return writes("POST", path, Delivery, idempotency_key=idempotency_key)


def _resend(endpoint_id: str, body: Mapping[str, Any], idempotency_key: str | None) -> Call[Resend]:
    path = place("webhook-endpoints", endpoint_id, "resend")
    return writes("POST", path, Resend, body, idempotency_key=idempotency_key)
