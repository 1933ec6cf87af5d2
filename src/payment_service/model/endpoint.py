"""A webhook endpoint: where an app hears of its events, which of them, and how well it answers."""

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Column, ForeignKey, Index, Text, and_, func, select, text

from payment_service.kit.calendar import Zone
from payment_service.kit.errors import Conflict, Invalid, NotFound
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, Json, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
    value,
)
from payment_service.model.app import apps
from payment_service.model.event import EventType

EndpointStatus = Literal["active", "off"]
OffReason = Literal["gone", "failing", "by_hand", "deleted"]
"""It answered 410; it did nothing but fail for five days; an admin or the app turned it off."""
ENDPOINTS_OF_AN_APP = 50

endpoints = table(
    "endpoints",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text),
    Column("secret", Text, nullable=False),
    Column("old_secret", Text),
    Column("old_secret_until", Instant),
    Column("types", Json(tuple[str, ...])),
    Column("metadata", Json(dict[str, Any]), nullable=False, server_default=text("'{}'")),
    Column("status", Text, nullable=False),
    Column("off_reason", Text),
    Column("off_at", Instant),
    Column("listens_from", Number, nullable=False, server_default=text("1")),
    Column("missed_since", Instant),
    Column("failures", Number, nullable=False),
    Column("failing_since", Instant),
    Column("failed_at", Instant),
    Column("paused_until", Instant),
    Column("lease_until", Instant),
    Column("lease_no", Number, nullable=False, server_default=text("0")),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    one_of("status", ("active", "off")),
    Index(None, "app_id", "id"),
)


@stored_in(endpoints)
class Endpoint(Record, frozen=True):
    """Secrets are sealed. `types` of None means every event, from the position `listens_from` on.

    `missed_since` is when it began to miss events that nobody has sent again. `failures` counts
    those in a row, `failing_since` is the first of them, `failed_at` the last, `paused_until` when
    it is next tried. The lease is the process's that sends to it: no other does meanwhile. What the
    worker writes of these leaves `version` alone, which guards what people edit.
    """

    id: str
    app_id: str
    url: str
    description: str | None
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None
    types: tuple[EventType, ...] | None
    metadata: dict[str, Any]
    status: EndpointStatus
    off_reason: OffReason | None
    off_at: datetime | None
    listens_from: int
    missed_since: datetime | None
    failures: int
    failing_since: datetime | None
    failed_at: datetime | None
    paused_until: datetime | None
    lease_until: datetime | None
    lease_no: int
    deleted_at: datetime | None
    created_at: datetime
    version: int


def new_endpoint(
    app_id: str,
    url: str,
    sealed_secret: str,
    listens_from: int,
    now: datetime,
    *,
    types: tuple[EventType, ...] | None = None,
    description: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> Endpoint:
    """It hears every event of these types from that position on."""
    return Endpoint(
        id=new_id("ep", now),
        app_id=app_id,
        url=url,
        description=description,
        secret=sealed_secret,
        old_secret=None,
        old_secret_until=None,
        types=types,
        metadata=metadata or {},
        status="active",
        off_reason=None,
        off_at=None,
        listens_from=listens_from,
        missed_since=None,
        failures=0,
        failing_since=None,
        failed_at=None,
        paused_until=None,
        lease_until=None,
        lease_no=0,
        deleted_at=None,
        created_at=now,
        version=1,
    )


class Listener(Record, frozen=True):
    """What is read for each event: the app's clock and zone, and one of its endpoints; an app
    without any has one row with no id."""

    id: str | None
    types: tuple[str, ...] | None
    clock_offset: int
    zone: Zone


ENDPOINT = query(rows_of(Endpoint).where(endpoints.c.id == param("id")), Endpoint)
ENDPOINTS_OF_APP = query(
    rows_of(Endpoint)
    .where(
        endpoints.c.app_id == param("app_id"),
        endpoints.c.id < param("before"),
        endpoints.c.deleted_at.is_(None),
    )
    .order_by(endpoints.c.id.desc())
    .limit(param("limit", Number)),
    Endpoint,
)
EVERY_ENDPOINT = query(
    rows_of(Endpoint)
    .where(endpoints.c.deleted_at.is_(None))
    .order_by(endpoints.c.id)
    .limit(param("limit", Number)),
    Endpoint,
)
COUNT_OF_APP = value(
    select(func.count())
    .select_from(endpoints)
    .where(endpoints.c.app_id == param("app_id"), endpoints.c.deleted_at.is_(None)),
    int,
)
LISTENERS_OF_APP = query(
    select(endpoints.c.id, endpoints.c.types, apps.c.clock_offset, apps.c.zone)
    .select_from(apps)
    .outerjoin(endpoints, and_(endpoints.c.app_id == apps.c.id, endpoints.c.status == "active"))
    .where(apps.c.id == param("app_id"))
    .order_by(endpoints.c.id),
    Listener,
)


def endpoint_of_app(tx: Transaction, app_id: str, endpoint_id: str) -> Endpoint:
    """Raises NotFound, for another app's and for one that was deleted too."""
    endpoint = tx.one(ENDPOINT, id=endpoint_id)
    if endpoint is None or endpoint.app_id != app_id or endpoint.deleted_at is not None:
        raise NotFound("endpoint_not_found", "There is no endpoint with this id.")
    return endpoint


def listening_endpoint(tx: Transaction, app_id: str, endpoint_id: str) -> Endpoint:
    """One that can be sent to. Raises NotFound, and Conflict while it is off."""
    endpoint = endpoint_of_app(tx, app_id, endpoint_id)
    if endpoint.status == "off":
        raise Conflict(
            "endpoint_off",
            "This endpoint is off and gets nothing; turn it on first.",
            id=endpoint.id,
        )
    return endpoint


def checked_types(types: tuple[str, ...] | None) -> tuple[EventType, ...] | None:
    """In one order, each once; None for every type. Raises Invalid."""
    if types is None:
        return None
    known = get_args(EventType)
    unknown = sorted(set(types) - set(known))
    if unknown or not types:
        raise Invalid(
            "event_types",
            "Name at least one type of event, or null for all of them"
            + (f"; there is no {', '.join(unknown)}." if unknown else "."),
        )
    return tuple(one for one in known if one in types)
