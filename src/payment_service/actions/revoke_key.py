"""Revoke an API key: it is refused from the next request on."""

import msgspec

from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import By, record
from payment_service.model.key import ApiKey


def revoke_key(tx: Transaction, key: ApiKey, by: By) -> ApiKey:
    """Revoking twice changes nothing."""
    if key.revoked_at is not None:
        return key
    record(tx, by, key.app_id, "key.revoke", key.id)
    return save(tx, key, msgspec.structs.replace(key, revoked_at=by.at))
