"""A delivery as apps see it, with its attempts."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from payment_service.model.attempt import Attempt, Trouble
from payment_service.model.delivery import Shown, Status
from payment_service.model.event import EventType

HIDDEN = "v1,…"


class AttemptResource(msgspec.Struct, frozen=True):
    """One POST. `status` is the HTTP status, `error` the kind of trouble where no whole answer
    came, `answer` its first 4 KiB. The body that was sent is the event's. Signatures are hidden."""

    number: int
    at: datetime
    url: str | None
    request_headers: dict[str, str]
    status: int | None
    error: Trouble | None
    milliseconds: int
    answer: str
    next_attempt_at: datetime | None


class DeliveryResource(msgspec.Struct, frozen=True):
    """`attempt_count` counts all that were made, those before it was sent again too."""

    id: str
    endpoint_id: str
    event_id: str
    type: EventType
    status: Status
    attempt_count: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


class DeliveryWithAttempts(DeliveryResource, frozen=True, kw_only=True):
    """The attempts of the last 90 days, newest first, 100 at most."""

    attempts: list[AttemptResource]


def request_headers(event_id: str, attempt: Attempt) -> dict[str, str]:
    """What an attempt was sent with; the signature is hidden."""
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(attempt.created_at.timestamp())),
        "webhook-signature": HIDDEN,
    }


def delivery_resource(delivery: Shown) -> DeliveryResource:
    return DeliveryResource(
        id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        event_id=delivery.event_id,
        type=delivery.type,
        status=delivery.status,
        attempt_count=delivery.attempts,
        next_attempt_at=delivery.due_at,
        delivered_at=delivery.delivered_at,
        created_at=delivery.created_at,
    )


def delivery_with_attempts(delivery: Shown, attempts: Sequence[Attempt]) -> DeliveryWithAttempts:
    shown = msgspec.structs.asdict(delivery_resource(delivery))
    told = [_attempt(delivery, one) for one in attempts]
    return DeliveryWithAttempts(**shown, attempts=told)


def _attempt(delivery: Shown, attempt: Attempt) -> AttemptResource:
    return AttemptResource(
        number=attempt.number,
        at=attempt.created_at,
        url=attempt.url,
        request_headers=request_headers(delivery.event_id, attempt),
        status=attempt.status,
        error=attempt.error,
        milliseconds=attempt.milliseconds,
        answer=attempt.answer,
        next_attempt_at=attempt.next_at,
    )
