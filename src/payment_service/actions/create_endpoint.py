"""Create a webhook endpoint of an app; its secret is shown this once."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from payment_service.books.check_endpoint_url import check_endpoint_url, shown
from payment_service.books.check_heard_once import check_heard_once
from payment_service.kit.crypto import SecretBox, new_webhook_secret
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, add
from payment_service.model.app import App
from payment_service.model.audit import By, record
from payment_service.model.endpoint import (
    COUNT_OF_APP,
    ENDPOINTS_OF_AN_APP,
    Endpoint,
    checked_types,
    new_endpoint,
)
from payment_service.model.event import take_positions
from payment_service.model.plan import check_metadata
from payment_service.outside.addresses import Targets


class NewEndpoint(msgspec.Struct, frozen=True):
    """What is asked for. `types` of None is every event."""

    url: str
    types: tuple[str, ...] | None = None
    description: str | None = None
    metadata: dict[str, Any] = {}


def create_endpoint(
    tx: Transaction,
    app: App,
    wanted: NewEndpoint,
    box: SecretBox,
    targets: Targets,
    now: datetime,
    *,
    by: By | None = None,
) -> tuple[Endpoint, str]:
    """The endpoint and its secret. It hears every event from here on; `now` is the machine's.

    The audit log names whoever asked for it. Raises Invalid, and Conflict when the app has as many
    as it may, or another at the same place that hears some of the same.
    """
    check_endpoint_url(wanted.url, app.mode, targets, app=app.id)
    types = checked_types(wanted.types)
    check_metadata("metadata", wanted.metadata)
    secret = new_webhook_secret()
    endpoint = new_endpoint(
        app.id,
        wanted.url,
        box.seal(secret),
        1,
        now,
        types=types,
        description=wanted.description,
        metadata=wanted.metadata,
    )
    if by is not None:
        told = shown(wanted.url)
        record(tx, by, app.id, "endpoint.create", endpoint.id, url=told, types=types)
    next_position = take_positions(tx, app.id, 0)
    if (tx.one(COUNT_OF_APP, app_id=app.id) or 0) >= ENDPOINTS_OF_AN_APP:
        raise Conflict(
            "too_many_endpoints",
            f"An app has at most {ENDPOINTS_OF_AN_APP} webhook endpoints; delete one first.",
            limit=ENDPOINTS_OF_AN_APP,
        )
    check_heard_once(tx, endpoint)
    endpoint = replace(endpoint, listens_from=next_position)
    add(tx, endpoint)
    return endpoint, secret
