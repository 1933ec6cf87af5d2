"""A delivery: one event on its way to one webhook endpoint."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint, select, text

from payment_service.kit.errors import NotFound
from payment_service.kit.schema import Instant, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
)
from payment_service.model.endpoint import endpoints
from payment_service.model.event import EventType, events

Status = Literal["queued", "retrying", "delivered", "failed"]
STATUSES: tuple[Status, ...] = ("queued", "retrying", "delivered", "failed")

deliveries = table(
    "deliveries",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("event_id", Text, ForeignKey("events.id"), nullable=False),
    Column("endpoint_id", Text, ForeignKey("endpoints.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("tries", Number, nullable=False, server_default=text("0")),
    Column("next_at", Instant),
    Column("delivered_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("event_id", "endpoint_id"),
    one_of("status", STATUSES),
    # What is due is asked for by endpoint, so that one with a long queue costs the others nothing.
    Index(
        "deliveries_due",
        "endpoint_id",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
    Index(
        "deliveries_not_delivered",
        "endpoint_id",
        "status",
        "id",
        sqlite_where=text("status <> 'delivered'"),
        postgresql_where=text("status <> 'delivered'"),
    ),
    Index(None, "endpoint_id", "id"),
)


@stored_in(deliveries)
class Delivery(Record, frozen=True):
    """`next_at` is None when nothing is left to do. `attempts` counts all that were made, `tries`
    those since it was queued: sending it again begins the schedule anew."""

    id: str
    app_id: str
    event_id: str
    endpoint_id: str
    status: Status
    attempts: int
    tries: int
    next_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


class Shown(Delivery, frozen=True):
    """A delivery, the type of its event, and until when its endpoint is paused."""

    type: EventType
    paused_until: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """When it is tried next: not while its endpoint is paused."""
        if self.next_at is None or self.paused_until is None:
            return self.next_at
        return max(self.next_at, self.paused_until)


_shown = (
    select(*deliveries.c, events.c.type, endpoints.c.paused_until)
    .join(events, events.c.id == deliveries.c.event_id)
    .join(endpoints, endpoints.c.id == deliveries.c.endpoint_id)
)
_page = (
    deliveries.c.endpoint_id == param("endpoint_id"),
    deliveries.c.id < param("before"),
    deliveries.c.id >= param("first"),
)

DELIVERY = query(rows_of(Delivery).where(deliveries.c.id == param("id")), Delivery)
SHOWN_DELIVERY = query(_shown.where(deliveries.c.id == param("id")), Shown)
DELIVERIES_OF_ENDPOINT = query(
    _shown.where(*_page).order_by(deliveries.c.id.desc()).limit(param("limit", Number)), Shown
)
NOT_DELIVERED_OF_ENDPOINT = query(
    _shown.where(*_page, deliveries.c.status == param("status"), deliveries.c.status != "delivered")
    .order_by(deliveries.c.id.desc())
    .limit(param("limit", Number)),
    Shown,
)
DELIVERED_OF_ENDPOINT = query(
    _shown.where(*_page, deliveries.c.status == "delivered")
    .order_by(deliveries.c.id.desc())
    .limit(param("limit", Number)),
    Shown,
)
DELIVERIES_OF_EVENT_TO = query(
    _shown.where(
        deliveries.c.event_id == param("event_id"),
        deliveries.c.endpoint_id == param("endpoint_id"),
    ),
    Shown,
)


def delivery_of_app(tx: Transaction, app_id: str, delivery_id: str) -> Shown:
    """Raises NotFound."""
    delivery = tx.one(SHOWN_DELIVERY, id=delivery_id)
    if delivery is None or delivery.app_id != app_id:
        raise NotFound("delivery_not_found", "There is no delivery with this id.")
    return delivery
