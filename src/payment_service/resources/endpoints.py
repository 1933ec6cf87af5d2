"""A webhook endpoint as apps see it."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from payment_service.model.endpoint import Endpoint, EndpointStatus, OffReason
from payment_service.model.event import EventType
from payment_service.model.resend import Resend


class EndpointResource(msgspec.Struct, frozen=True):
    """`missed_since` is when it began to miss events that were not sent again: a resend since then
    brings them. Nothing is sent before `paused_until`, unless somebody asks for a test or a resend,
    or says that it is active. `old_secret_until` is how long the one before this signs too."""

    id: str
    url: str
    description: str | None
    types: tuple[EventType, ...] | None
    status: EndpointStatus
    off_reason: OffReason | None
    off_at: datetime | None
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    missed_since: datetime | None
    old_secret_until: datetime | None
    metadata: dict[str, Any]
    created_at: datetime


class EndpointWithSecret(EndpointResource, frozen=True, kw_only=True):
    """When it is made and when its secret is rolled: the secret is shown this once."""

    secret: str


class ResendResource(msgspec.Struct, frozen=True):
    """How far it has come: `queued` counts what is sent again, and what waited for its next attempt
    and makes it now; it grows while it is `running`."""

    id: str
    endpoint_id: str
    since: datetime | None
    queued: int
    status: Literal["running", "done"]
    created_at: datetime
    finished_at: datetime | None


def endpoint_resource(endpoint: Endpoint) -> EndpointResource:
    return EndpointResource(**_fields(endpoint))


def endpoint_with_secret(endpoint: Endpoint, secret: str) -> EndpointWithSecret:
    return EndpointWithSecret(**_fields(endpoint), secret=secret)


def resend_resource(resend: Resend) -> ResendResource:
    return ResendResource(
        id=resend.id,
        endpoint_id=resend.endpoint_id,
        since=resend.since,
        queued=resend.queued,
        status="running" if resend.finished_at is None else "done",
        created_at=resend.created_at,
        finished_at=resend.finished_at,
    )


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in EndpointResource.__struct_fields__}
