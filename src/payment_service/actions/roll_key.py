"""Roll an API key: a new one at once, while the old one holds until everybody has changed over."""

from datetime import timedelta

import msgspec

from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.app import app_by_id
from payment_service.model.audit import ENTRIES_OF_SUBJECT, By, record
from payment_service.model.key import ApiKey, key_by_id, key_record, new_secret, usable

OVERLAPS = (0, 3600, 86400, 604800)
"""Seconds that the old key may still be used."""
ROLL = "key.roll"
"""As the audit log names it."""


def roll_key(tx: Transaction, key: ApiKey, ends_in: int, by: By) -> tuple[ApiKey, str]:
    """The new key and its secret: of the same name, scopes and metadata, and of as long a life.

    Raises Invalid for another overlap, Conflict for a key that is over.
    """
    if ends_in not in OVERLAPS:
        raise Invalid(
            "key_overlap", f"The old key ends in {', '.join(map(str, OVERLAPS))} seconds."
        )
    if not usable(key, by.at):
        raise Conflict(
            "key_over", "This key is revoked or expired; make a new one instead.", id=key.id
        )
    life = _life(tx, key)
    secret = new_secret(app_by_id(tx, key.app_id).mode)
    fresh = key_record(
        key.app_id,
        secret,
        key.name,
        key.scopes,
        by.at,
        expires_at=None if life is None else by.at + life,
        metadata=key.metadata,
    )
    record(tx, by, key.app_id, ROLL, key.id, to=fresh.id, ends_in=ends_in)
    add(tx, fresh)
    end = by.at + timedelta(seconds=ends_in)
    ends = end if key.expires_at is None else min(end, key.expires_at)
    save(tx, key, msgspec.structs.replace(key, expires_at=ends))
    return fresh, secret


def _life(tx: Transaction, key: ApiKey) -> timedelta | None:
    """How long it was to live; None is for ever. A roll leaves of a key only until everybody has
    changed over, but the key that it made first was given the whole life."""
    for entry in tx.all(ENTRIES_OF_SUBJECT, subject_id=key.id):
        if entry.deed == ROLL:
            return _life(tx, key_by_id(tx, entry.details["to"]))
    return None if key.expires_at is None else key.expires_at - key.created_at
