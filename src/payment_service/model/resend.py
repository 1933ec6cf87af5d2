"""A resend under way: what an endpoint did not take, or all its events since an instant."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Text, func, select, text, update

from payment_service.kit.schema import Instant, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    command,
    param,
    query,
    rows_of,
    stored_in,
    value,
)
from payment_service.model.delivery import deliveries
from payment_service.model.event import events

Kind = Literal["failed", "since"]
CHUNK = 500
"""So many of a resend are due at most: what is new never stands behind more of them, and an
endpoint that fails again keeps the rest where it was."""

resends = table(
    "resends",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("endpoint_id", Text, ForeignKey("endpoints.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("since", Instant),
    Column("after_id", Text, nullable=False),
    Column("until_id", Text, nullable=False),
    Column("position", Number, nullable=False),
    Column("until_position", Number, nullable=False),
    Column("queued", Number, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("version", Number, nullable=False),
    one_of("kind", ("failed", "since")),
    Index(
        "one_resend_of_an_endpoint",
        "endpoint_id",
        unique=True,
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
    Index(None, "endpoint_id", "id"),
)


@stored_in(resends)
class Resend(Record, frozen=True):
    """Deliveries that failed or are retried are walked by id, from `after_id` to `until_id`; events
    of the app by position, from after `position` to `until_position`."""

    id: str
    app_id: str
    endpoint_id: str
    kind: Kind
    since: datetime | None
    after_id: str
    until_id: str
    position: int
    until_position: int
    queued: int
    created_at: datetime
    finished_at: datetime | None
    version: int


class Candidate(Record, frozen=True):
    """An event of the app that may have to be sent, and its delivery if there is one."""

    event_id: str
    position: int
    type: str
    created_at: datetime
    delivery_id: str | None


RESEND = query(rows_of(Resend).where(resends.c.id == param("id")), Resend)
RUNNING_RESEND = query(
    rows_of(Resend).where(
        resends.c.endpoint_id == param("endpoint_id"), resends.c.finished_at.is_(None)
    ),
    Resend,
)
RUNNING_RESENDS = value(
    select(resends.c.id).where(resends.c.finished_at.is_(None)).order_by(resends.c.endpoint_id), str
)
"""One an endpoint at most."""
DUE_COUNT_OF_ENDPOINT = value(
    select(func.count()).select_from(
        select(deliveries.c.id)
        .where(
            deliveries.c.endpoint_id == param("endpoint_id"), deliveries.c.next_at <= param("now")
        )
        .limit(param("limit", Number))
        .subquery()
    ),
    int,
)
LAST_UNTAKEN = value(
    select(deliveries.c.id)
    .where(
        deliveries.c.endpoint_id == param("endpoint_id"),
        deliveries.c.status == param("status"),
        deliveries.c.status != "delivered",  # what the partial index says, for SQLite
    )
    .order_by(deliveries.c.id.desc())
    .limit(1),
    str,
)
UNTAKEN_AFTER = value(
    select(deliveries.c.id)
    .where(
        deliveries.c.endpoint_id == param("endpoint_id"),
        deliveries.c.status == param("status"),
        deliveries.c.status != "delivered",
        deliveries.c.id > param("after_id"),
        deliveries.c.id <= param("until_id"),
    )
    .order_by(deliveries.c.id)
    .limit(param("limit", Number)),
    str,
)
UNTAKEN = ("failed", "retrying")
"""It failed for good, or waits for its next attempt."""
CANDIDATES = query(
    select(
        events.c.id.label("event_id"),
        events.c.position,
        events.c.type,
        events.c.created_at,
        deliveries.c.id.label("delivery_id"),
    )
    .join(
        deliveries,
        (deliveries.c.event_id == events.c.id) & (deliveries.c.endpoint_id == param("endpoint_id")),
        isouter=True,
    )
    .where(
        events.c.app_id == param("app_id"),
        events.c.position > param("after"),
        events.c.position <= param("until", Number),
    )
    .order_by(events.c.position)
    .limit(param("limit", Number)),
    Candidate,
)
QUEUE_AGAIN = command(
    update(deliveries)
    .where(deliveries.c.id == param("id"), deliveries.c.status.in_(("delivered", "failed")))
    .values(status="queued", tries=0, next_at=param("now"), delivered_at=None)
)
HURRY = command(
    update(deliveries)
    .where(deliveries.c.id == param("id"), deliveries.c.status == "retrying")
    .values(next_at=param("now"))
)
"""What waits for its next attempt makes it now."""
