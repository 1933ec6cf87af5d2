"""Roll the key that signs access passes, so that whoever holds an older pass notices nothing."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from payment_service.kit.crypto import SecretBox
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.audit import By, record
from payment_service.model.signing_key import (
    ADD_FIRST_KEY,
    LEAD,
    SIGNING_KEYS,
    SigningKey,
    new_signing_key,
)


def make_first_signing_key(tx: Transaction, box: SecretBox, now: datetime) -> None:
    """Where there is none yet."""
    if not tx.all(SIGNING_KEYS):
        key = msgspec.structs.asdict(new_signing_key(1, box, now, now))
        tx.run(ADD_FIRST_KEY, **{"new_" + name: told for name, told in key.items()})


def roll_signing_key(
    tx: Transaction, box: SecretBox, *, compromised: bool = False, by: By
) -> SigningKey:
    """The new key: published at once, signing an hour later. Its forerunner stays published until
    the last pass that it signed has expired.

    A `compromised` one is withdrawn at once with all that it signed, and the new key signs within
    a minute. Raises Conflict while another new key waits for its hour.
    """
    keys = tx.all(SIGNING_KEYS)
    now = by.at
    waits = keys and keys[-1].withdrawn_at is None and keys[-1].signs_from > now
    if waits and not compromised:
        raise Conflict(
            "signing_key_waits",
            f"A new key is published and signs from {keys[-1].signs_from:%Y-%m-%d %H:%M} UTC; "
            "wait until then.",
            id=keys[-1].id,
        )
    key = new_signing_key(_next_number(keys), box, now if compromised else now + LEAD, now)
    record(tx, by, None, "signing_key.roll", key.id, compromised=compromised)
    if compromised:
        for old in keys:
            if old.withdrawn_at is None:
                save(tx, old, msgspec.structs.replace(old, withdrawn_at=now))
    add(tx, key)
    return key


def _next_number(keys: Sequence[SigningKey]) -> int:
    return keys[-1].number + 1 if keys else 1
