"""Examples of what an app hears: its endpoint, an event, and what became of it."""

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict

from payment_service.resources import (
    DeliveryResource,
    DeliveryWithAttempts,
    EndpointResource,
    EndpointWithSecret,
    EventResource,
    ResendResource,
)
from payment_service.resources.deliveries import HIDDEN, AttemptResource
from payment_service.web.api.events import EventPage
from payment_service.web.reference.example_ids import DELIVERY_ID, ENDPOINT_ID, EVENT_ID

URL = "https://bengkel.example.com/webhooks/payment-service"
MADE = datetime(2026, 11, 22, 21, 40, 3, 118422, UTC)
HAPPENED = datetime(2026, 11, 22, 22, 1, 9, 518204, UTC)
HEARD = datetime(2026, 11, 22, 22, 1, 9, 701993, UTC)

ENDPOINT = EndpointResource(
    id=ENDPOINT_ID,
    url=URL,
    description=None,
    types=("subscription.activated", "subscription.suspended"),
    status="active",
    off_reason=None,
    off_at=None,
    failures=0,
    failing_since=None,
    paused_until=None,
    missed_since=None,
    old_secret_until=None,
    metadata={},
    created_at=MADE,
)
DELIVERY = DeliveryResource(
    id=DELIVERY_ID,
    endpoint_id=ENDPOINT_ID,
    event_id=EVENT_ID,
    type="subscription.activated",
    status="delivered",
    attempt_count=1,
    next_attempt_at=None,
    delivered_at=HEARD,
    created_at=HAPPENED,
)
ATTEMPT = AttemptResource(
    number=1,
    at=HAPPENED,
    url=URL,
    request_headers={
        "content-type": "application/json",
        "webhook-id": EVENT_ID,
        "webhook-timestamp": str(int(HAPPENED.timestamp())),
        "webhook-signature": HIDDEN,
    },
    status=204,
    error=None,
    milliseconds=41,
    answer="",
    next_attempt_at=None,
)
RESEND = ResendResource(
    id="rsd_01m8hq8a0c6w2r9fk4x7n1e3ts",
    endpoint_id=ENDPOINT_ID,
    since=datetime(2026, 11, 20, tzinfo=UTC),
    queued=42,
    status="done",
    created_at=HEARD,
    finished_at=HEARD,
)


def heard_examples(subscription: Any) -> dict[type, Any]:
    """`subscription` is what the event tells of."""
    event = {
        "id": EVENT_ID,
        "position": 2,
        "type": "subscription.activated",
        "timestamp": HAPPENED,
        "data": subscription,
    }
    return {
        EndpointResource: ENDPOINT,
        EndpointWithSecret: {
            **asdict(ENDPOINT),
            "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        },
        DeliveryResource: DELIVERY,
        DeliveryWithAttempts: {**asdict(DELIVERY), "attempts": [ATTEMPT]},
        EventResource: event,
        EventPage: {"data": [event], "has_more": False, "next_after": 2},
        ResendResource: RESEND,
    }
