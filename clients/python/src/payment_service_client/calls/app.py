"""`/v1/app` and `/v1/keys`: the app itself, and who may speak for it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from payment_service_client.account import ApiKey, App
from payment_service_client.call import Call, place, reads, writes
from payment_service_client.records import Page


def get() -> Call[App]:
    return reads(place("app"), App)


def edit(
    settings: Mapping[str, Any], *, reason: str, idempotency_key: str | None = None
) -> Call[App]:
    """Only what is given is changed: `{"grace_days": 5}`. Scope `admin`, as for all about keys."""
    body = {**settings, "reason": reason}
    return writes("PATCH", place("app"), App, body, idempotency_key=idempotency_key)


def keys(
    *,
    status: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[ApiKey]]:
    return reads(
        place("keys"),
        Page[ApiKey],
        status=status,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        after=after,
    )


def key(key_id: str) -> Call[ApiKey]:
    return reads(place("keys", key_id), ApiKey)


def create_key(
    *,
    name: str,
    scopes: Iterable[str] = ("read", "write"),
    expires_at: datetime | None = None,
    metadata: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[ApiKey]:
    """Its `secret` is told this once."""
    body = {
        "name": name,
        "scopes": list(scopes),
        "expires_at": expires_at,
        "metadata": metadata or {},
    }
    return writes("POST", place("keys"), ApiKey, body, idempotency_key=idempotency_key)


def roll_key(
    key_id: str, *, ends_in: int = 86400, idempotency_key: str | None = None
) -> Call[ApiKey]:
    """A new key in its place; the old one ends in 0, 3600, 86400 or 604800 seconds."""
    path = place("keys", key_id, "roll")
    return writes("POST", path, ApiKey, {"ends_in": ends_in}, idempotency_key=idempotency_key)


def revoke_key(key_id: str, *, idempotency_key: str | None = None) -> Call[ApiKey]:
    """It ends with the next request."""
    path = place("keys", key_id, "revoke")
    return writes("POST", path, ApiKey, idempotency_key=idempotency_key)
