"""Edit a webhook endpoint: where it is, what it hears, and whether it is on."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from payment_service.books.check_endpoint_url import check_endpoint_url, shown
from payment_service.books.check_heard_once import check_heard_once
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import clear_alert_of
from payment_service.model.app import App
from payment_service.model.audit import By, record
from payment_service.model.endpoint import (
    Endpoint,
    EndpointStatus,
    checked_types,
    endpoint_of_app,
)
from payment_service.model.endpoint_health import healthy
from payment_service.model.event import take_positions
from payment_service.model.plan import check_metadata
from payment_service.outside.addresses import Targets


class EndpointChange(msgspec.Struct, frozen=True):
    """Only what is given is changed; `types` of None is every event."""

    url: str | UnsetType = UNSET
    types: tuple[str, ...] | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    status: EndpointStatus | UnsetType = UNSET


def edit_endpoint(
    tx: Transaction,
    app: App,
    endpoint_id: str,
    change: EndpointChange,
    targets: Targets,
    now: datetime,
    *,
    by: By | None = None,
) -> Endpoint:
    """The endpoint as it stands now. `now` is the machine's. Raises NotFound, Invalid, and
    Conflict where another endpoint at the same place hears some of the same.

    Turned on again it hears what happens from here on; what it missed can be sent again. A new
    address is tried at once, whatever the old one did, and so is one that is said to be active: its
    failures are forgotten. The audit log names whoever asked for it.
    """
    before = after = endpoint_of_app(tx, app.id, endpoint_id)
    given = {name: one for name, one in msgspec.structs.asdict(change).items() if one is not UNSET}
    if change.url is not UNSET:
        check_endpoint_url(change.url, app.mode, targets, app=app.id, endpoint=endpoint_id)
    if change.types is not UNSET:
        given["types"] = checked_types(change.types)
    if change.metadata is not UNSET:
        check_metadata("metadata", change.metadata)
    status = given.pop("status", before.status)
    after = replace(after, **given)
    if after.url != before.url or status != before.status or change.status == "active":
        after = healthy(after)
        clear_alert_of(tx, "delivery_failing", before.id, now)
    if status == "active" and before.status == "off":
        after = replace(after, status="active", off_reason=None, off_at=None)
        clear_alert_of(tx, "endpoint_off", before.id, now)
    if status == "off" and before.status == "active":
        missed_since = before.missed_since or before.failing_since or now
        after = replace(
            after, status="off", off_reason="by_hand", off_at=now, missed_since=missed_since
        )
    if by is not None and after != before:
        told = _told(before), _told(after)
        record(tx, by, app.id, "endpoint.edit", before.id, before=told[0], after=told[1])
    if any(getattr(after, name) != getattr(before, name) for name in ("url", "types", "status")):
        position = take_positions(tx, app.id, 0)
        if after.status == "active":
            check_heard_once(tx, after)
        if after.types != before.types or after.status != before.status:
            after = replace(after, listens_from=position)
    return save(tx, before, after)


def _told(endpoint: Endpoint) -> dict[str, Any]:
    """As the audit log keeps it."""
    return {
        "url": shown(endpoint.url),
        "types": endpoint.types,
        "description": endpoint.description,
        "status": endpoint.status,
    }
