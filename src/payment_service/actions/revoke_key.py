"""Revoke an API key: it is refused from the next request on."""

from datetime import datetime

import msgspec

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction, save
from payment_service.model.key import KEY, ApiKey


def revoke_key(tx: Transaction, key_id: str, now: datetime) -> ApiKey:
    """Revoking twice changes nothing. Raises NotFound for an unknown key."""
    key = tx.one(KEY, id=key_id)
    if key is None:
        raise NotFound("key_not_found", "There is no key with this id.")
    if key.revoked_at is not None:
        return key
    return save(tx, key, msgspec.structs.replace(key, revoked_at=now))
