"""An API key as its app sees it: everything but the secret, which is shown once."""

from datetime import datetime
from typing import Any

import msgspec

from payment_service.model.key import ApiKey, KeyStatus, Scope, status_of


class KeyResource(msgspec.Struct, frozen=True):
    """`start` and `last4` are what may be seen of it, to know it by."""

    id: str
    name: str
    start: str
    last4: str
    scopes: tuple[Scope, ...]
    status: KeyStatus
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    metadata: dict[str, Any]


class NewKeyResource(KeyResource, frozen=True):
    """A key that was just made. `secret` is the key itself, told this once."""

    secret: str


def new_key_resource(key: ApiKey, secret: str, now: datetime) -> NewKeyResource:
    return NewKeyResource(**msgspec.structs.asdict(key_resource(key, now)), secret=secret)


def key_resource(key: ApiKey, now: datetime) -> KeyResource:
    """As it stands at this instant of the machine's clock."""
    return KeyResource(
        id=key.id,
        name=key.name,
        start=key.start,
        last4=key.last4,
        scopes=key.scopes,
        status=status_of(key, now),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        metadata=key.metadata,
    )
