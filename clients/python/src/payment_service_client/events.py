"""Events, and the endpoints and deliveries by which they are heard."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from payment_service_client.errors import UnexpectedAnswer
from payment_service_client.records import (
    Invoice,
    Payment,
    Record,
    Refund,
    Reminder,
    Subscription,
)

T = TypeVar("T")


class Event(Record, frozen=True, kw_only=True):
    """What happened. Which of the five is not None, `type` says; all of it is in `data`.

    `position` is set where events are listed.
    """

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]
    position: int | None = None

    @property
    def subscription(self) -> Subscription | None:
        return _read(self, Subscription, self.type.startswith("subscription."))

    @property
    def invoice(self) -> Invoice | None:
        is_one = self.type.startswith("invoice.") and self.type != "invoice.reminder"
        return _read(self, Invoice, is_one)

    @property
    def reminder(self) -> Reminder | None:
        return _read(self, Reminder, self.type == "invoice.reminder")

    @property
    def payment(self) -> Payment | None:
        return _read(self, Payment, self.type in ("payment.credited", "payment.needs_review"))

    @property
    def refund(self) -> Refund | None:
        return _read(self, Refund, self.type == "payment.refunded")


def _read(event: Event, kind: type[T], is_one: bool) -> T | None:
    if not is_one:
        return None
    try:
        return msgspec.convert(event.data, kind)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(
            f"the data of {event.type} is not understood: {error}; is this library as new as the "
            "service?",
            status=200,
        ) from None


class EventPage(Record, frozen=True, kw_only=True):
    """Oldest first; `next_after` is the position to go on from."""

    data: list[Event]
    has_more: bool
    next_after: int


class WebhookEndpoint(Record, frozen=True, kw_only=True):
    """`types` of None means every event; `secret` is told once, when it is made or rolled. What it
    missed since `missed_since` a resend since then brings. Nothing is sent before `paused_until`,
    unless a test or a resend is asked for."""

    id: str
    url: str
    description: str | None
    types: list[str] | None
    status: str
    off_reason: str | None
    off_at: datetime | None
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    missed_since: datetime | None
    old_secret_until: datetime | None
    metadata: dict[str, Any]
    created_at: datetime
    secret: str | None = None


class Attempt(Record, frozen=True, kw_only=True):
    """One POST: the HTTP status, or the kind of trouble where no whole answer came."""

    number: int
    at: datetime
    status: int | None
    error: str | None
    milliseconds: int
    answer: str
    request_headers: dict[str, str] = msgspec.field(default_factory=dict)
    next_attempt_at: datetime | None = None


class Delivery(Record, frozen=True, kw_only=True):
    """One event on its way to one endpoint. Its attempts come where it is read by its id."""

    id: str
    endpoint_id: str
    event_id: str
    type: str
    status: str
    attempt_count: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime
    attempts: list[Attempt] = msgspec.field(default_factory=list)


class Resend(Record, frozen=True, kw_only=True):
    """`queued` grows while it is `running`."""

    id: str
    endpoint_id: str
    since: datetime | None
    queued: int
    status: str
    created_at: datetime
    finished_at: datetime | None
