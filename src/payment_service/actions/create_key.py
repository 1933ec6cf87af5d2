"""Create an API key for an app; its secret is shown this once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction, add
from payment_service.model.app import app_by_id
from payment_service.model.audit import By, record
from payment_service.model.key import SCOPES, ApiKey, Scope, key_record, new_secret
from payment_service.model.plan import check_metadata


def create_key(
    tx: Transaction,
    app_id: str,
    name: str,
    scopes: tuple[Scope, ...],
    now: datetime,
    *,
    expires_at: datetime | None = None,
    metadata: Mapping[str, Any] | None = None,
    by: By | None = None,
) -> tuple[ApiKey, str]:
    """The key and its secret; without `expires_at` it has no end. The audit log names whoever asked
    for it. Raises NotFound for an unknown app, Invalid."""
    app = app_by_id(tx, app_id)
    called, told = name.strip(), dict(metadata or {})
    if not 1 <= len(called) <= 200:
        raise Invalid("name_length", "A name has 1 to 200 characters.")
    kept = tuple(scope for scope in SCOPES if scope in scopes)
    if not kept or len(kept) < len(set(scopes)):
        raise Invalid("key_scopes", f"The scopes are some of {', '.join(SCOPES)}.")
    if expires_at is not None and expires_at <= now:
        raise Invalid("key_expiry", "expires_at is an instant to come; leave it out for no end.")
    check_metadata("metadata", told)
    ends = expires_at and expires_at.astimezone(UTC)
    secret = new_secret(app.mode)
    key = key_record(app.id, secret, called, kept, now, expires_at=ends, metadata=told)
    if by is not None:
        record(tx, by, app.id, "key.create", key.id, name=called, scopes=kept)
    add(tx, key)
    return key, secret
