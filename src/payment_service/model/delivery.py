"""Webhook endpoints of an app, and deliveries: one event on its way to one of them."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    and_,
    func,
    select,
    text,
    update,
)

from payment_service.kit.calendar import Zone
from payment_service.kit.schema import Instant, Json, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    command,
    param,
    query,
    rows_of,
    stored_in,
    value,
)
from payment_service.model.app import apps

EndpointStatus = Literal["active", "off"]
Status = Literal["queued", "retrying", "delivered", "failed"]

RETRY_AFTER = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds from each failed attempt to the next: ten attempts over some 75 hours."""
LEASE = timedelta(seconds=30)
"""Longer than an attempt can take (15 s), so that two processes never send at once."""

endpoints = table(
    "endpoints",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("old_secret", Text),
    Column("old_secret_until", Instant),
    Column("types", Json(tuple[str, ...])),
    Column("status", Text, nullable=False),
    Column("off_reason", Text),
    Column("failures", Number, nullable=False),
    Column("failing_since", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    one_of("status", ("active", "off")),
    Index(None, "app_id", "id"),
)


@stored_in(endpoints)
class Endpoint(Record, frozen=True):
    """Secrets are sealed. `types` of None means every event; `failures` counts those in a row."""

    id: str
    app_id: str
    url: str
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None
    types: tuple[str, ...] | None
    status: EndpointStatus
    off_reason: str | None
    failures: int
    failing_since: datetime | None
    created_at: datetime
    version: int


ENDPOINT = query(rows_of(Endpoint).where(endpoints.c.id == param("id")), Endpoint)


class Listener(Record, frozen=True):
    """What is read for each event: the app's clock and zone, and one of its endpoints; an app
    without any has one row with no id."""

    id: str | None
    types: tuple[str, ...] | None
    clock_offset: int
    zone: Zone


LISTENERS_OF_APP = query(
    select(endpoints.c.id, endpoints.c.types, apps.c.clock_offset, apps.c.zone)
    .select_from(apps)
    .outerjoin(endpoints, and_(endpoints.c.app_id == apps.c.id, endpoints.c.status == "active"))
    .where(apps.c.id == param("app_id"))
    .order_by(endpoints.c.id),
    Listener,
)

deliveries = table(
    "deliveries",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("event_id", Text, ForeignKey("events.id"), nullable=False),
    Column("endpoint_id", Text, ForeignKey("endpoints.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Number, nullable=False),
    Column("next_at", Instant),
    Column("lease_no", Number, nullable=False),
    Column("delivered_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("event_id", "endpoint_id"),
    one_of("status", ("queued", "retrying", "delivered", "failed")),
    Index(
        "deliveries_due",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
    Index(None, "endpoint_id", "id"),
)


@stored_in(deliveries)
class Delivery(Record, frozen=True):
    """`next_at` is None when nothing is left to do, and the lease's end while being sent."""

    id: str
    app_id: str
    event_id: str
    endpoint_id: str
    status: Status
    attempts: int
    next_at: datetime | None
    lease_no: int
    delivered_at: datetime | None
    created_at: datetime


attempts = table(
    "delivery_attempts",
    Column("id", Text, primary_key=True),
    Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Number, nullable=False),
    Column("status", Number),
    Column("error", Text),
    Column("milliseconds", Number, nullable=False),
    Column("answer", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "delivery_id", "number"),
)


@stored_in(attempts)
class Attempt(Record, frozen=True):
    """One try: the HTTP status or the kind of error, and the head of the answer."""

    id: str
    delivery_id: str
    number: int
    status: int | None
    error: str | None
    milliseconds: int
    answer: str
    created_at: datetime


_due = (
    select(
        deliveries.c.id,
        func.row_number()
        .over(partition_by=deliveries.c.endpoint_id, order_by=deliveries.c.next_at)
        .label("place"),
    )
    .where(deliveries.c.next_at <= param("now"))
    .subquery()
)
DUE_DELIVERIES = query(
    rows_of(Delivery)
    .where(deliveries.c.id.in_(select(_due.c.id).where(_due.c.place <= param("each", Number))))
    .order_by(deliveries.c.next_at)
    .limit(param("limit", Number))
    .with_for_update(skip_locked=True),
    Delivery,
)
SOMETHING_IS_DUE = value(
    select(deliveries.c.id).where(deliveries.c.next_at <= param("now")).limit(1), str
)
LEASE_DELIVERY = command(
    update(deliveries)
    .where(deliveries.c.id == param("id"), deliveries.c.lease_no == param("seen"))
    .values(next_at=param("until"), lease_no=deliveries.c.lease_no + 1)
)
FINISH_ATTEMPT = command(
    update(deliveries)
    .where(deliveries.c.id == param("id"), deliveries.c.lease_no == param("lease_no"))
    .values(
        status=param("status"),
        attempts=param("attempts"),
        next_at=param("next_at"),
        delivered_at=param("delivered_at"),
    )
)
