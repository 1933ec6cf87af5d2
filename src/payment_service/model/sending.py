"""What the sender reads and writes: endpoints to serve, what is due to each, what came of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from payment_service.kit.schema import Number
from payment_service.kit.statements import Record, command, param, query, rows_of, value
from payment_service.model.delivery import deliveries
from payment_service.model.endpoint import Endpoint, endpoints
from payment_service.model.event import events

LEASE = timedelta(seconds=3)
"""An endpoint is served by one process at a time; it says so again every second."""

_has_something: Any = (
    select(deliveries.c.next_at)
    .where(deliveries.c.endpoint_id == endpoints.c.id, deliveries.c.next_at.is_not(None))
    .order_by(deliveries.c.next_at)
    .limit(1)
    .scalar_subquery()
)


class Outgoing(Record, frozen=True):
    """A delivery that is due, and the text that is signed and sent."""

    id: str
    event_id: str
    attempts: int
    tries: int
    type: str
    body: str

    @property
    def is_test(self) -> bool:
        return self.type == "endpoint.test"


# Those that were served least lately come first.
READY_ENDPOINTS = query(
    rows_of(Endpoint)
    .where(
        endpoints.c.status == "active",
        (endpoints.c.paused_until.is_(None)) | (endpoints.c.paused_until <= param("now")),
        (endpoints.c.lease_until.is_(None)) | (endpoints.c.lease_until <= param("now")),
        _has_something <= param("now", endpoints.c.lease_until.type),
    )
    .order_by(endpoints.c.lease_until.asc().nulls_first())
    .limit(param("limit", Number)),
    Endpoint,
)


class VersionOf(Record, frozen=True):
    """An endpoint, and the version of what people edit of it."""

    id: str
    version: int


LEASED_VERSIONS = query(
    select(endpoints.c.id, endpoints.c.version).where(endpoints.c.lease_until > param("now")),
    VersionOf,
)
LEASE_ENDPOINT = command(
    update(endpoints)
    .where(
        endpoints.c.id == param("id"),
        endpoints.c.lease_no == param("seen"),
        endpoints.c.status == "active",
    )
    .values(lease_until=param("until"), lease_no=endpoints.c.lease_no + 1)
)
MOVE_LEASE = command(
    update(endpoints)
    .where(endpoints.c.id == param("id"), endpoints.c.lease_no == param("lease_no"))
    .values(lease_until=param("until"))
)
DUE_OF_ENDPOINT = query(
    select(
        deliveries.c.id,
        deliveries.c.event_id,
        deliveries.c.attempts,
        deliveries.c.tries,
        events.c.type,
        events.c.body,
    )
    .join(events, events.c.id == deliveries.c.event_id)
    .where(
        deliveries.c.endpoint_id == param("endpoint_id"),
        deliveries.c.next_at <= param("now"),
    )
    .order_by(deliveries.c.next_at)
    .limit(param("limit", Number)),
    Outgoing,
)
FIRST_WAITING = value(
    select(deliveries.c.next_at)
    .where(
        deliveries.c.endpoint_id == param("endpoint_id"),
        deliveries.c.next_at.is_not(None),
        deliveries.c.id != param("besides"),
    )
    .order_by(deliveries.c.next_at)
    .limit(1),
    datetime,
)
BRING_FORWARD = command(
    update(deliveries)
    .where(deliveries.c.id == param("id"), deliveries.c.next_at.is_not(None))
    .values(next_at=param("at"))
)
# What was delivered is delivered, whoever holds the lease by now.
NOTE_DELIVERED = command(
    update(deliveries)
    .where(deliveries.c.id == param("id"), deliveries.c.status != "delivered")
    .values(
        status="delivered",
        attempts=deliveries.c.attempts + 1,
        tries=deliveries.c.tries + 1,
        next_at=None,
        delivered_at=param("now"),
    )
)
NOTE_FAILED = command(
    update(deliveries)
    .where(
        deliveries.c.id == param("id"),
        deliveries.c.next_at.is_not(None),
        deliveries.c.attempts == param("seen"),
    )
    .values(
        status=param("status"),
        attempts=deliveries.c.attempts + 1,
        tries=deliveries.c.tries + 1,
        next_at=param("next_at"),
    )
)
NOTE_HEALTH = command(
    update(endpoints)
    .where(
        endpoints.c.id == param("id"),
        endpoints.c.lease_no == param("lease_no"),
        endpoints.c.version == param("version"),
    )
    .values(
        failures=param("failures"),
        failing_since=param("failing_since"),
        failed_at=param("failed_at"),
        paused_until=param("paused_until"),
        status=param("status"),
        off_reason=param("off_reason"),
        off_at=param("off_at"),
        missed_since=param("missed_since"),
    )
)
OFF_WITH_SOMETHING = value(
    select(endpoints.c.id)
    .where(endpoints.c.status == "off", _has_something.is_not(None))
    .limit(param("limit", Number)),
    str,
)
GIVE_UP = command(
    update(deliveries)
    .where(
        deliveries.c.id.in_(
            select(deliveries.c.id)
            .where(
                deliveries.c.endpoint_id == param("endpoint_id"),
                deliveries.c.next_at.is_not(None),
            )
            .order_by(deliveries.c.next_at)
            .limit(param("limit", Number))
        )
    )
    .values(status="failed", next_at=None)
)
"""What waits for an endpoint that is off has failed, and can be sent again when it is on."""
