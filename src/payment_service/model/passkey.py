"""A passkey of an admin: a key pair whose private half never leaves their phone or laptop."""

from datetime import datetime

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text, delete

from payment_service.kit.crypto import SecretBox
from payment_service.kit.ids import new_token
from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import Record, command, param, query, rows_of, stored_in

CHALLENGE_SECONDS = 5 * 60

passkeys = table(
    "passkeys",
    Column("id", Text, primary_key=True),
    Column("admin_id", Text, ForeignKey("admins.id"), nullable=False),
    Column("credential_id", Text, nullable=False, unique=True),
    Column("public_key", Text, nullable=False),
    Column("uses", Number, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("version", Number, nullable=False),
    Index(None, "admin_id", "id"),
)


@stored_in(passkeys)
class Passkey(Record, frozen=True):
    """`uses` is how often it says it was used; many always say 0."""

    id: str
    admin_id: str
    credential_id: str
    public_key: str
    uses: int
    name: str
    created_at: datetime
    used_at: datetime | None
    version: int


class NewPasskey(msgspec.Struct, frozen=True):
    """What a browser made, checked; `challenge` is the one that it answered."""

    credential_id: str
    public_key: str
    uses: int
    challenge: str


PASSKEYS_OF = query(
    rows_of(Passkey).where(passkeys.c.admin_id == param("admin_id")).order_by(passkeys.c.id),
    Passkey,
)
PASSKEY_BY_CREDENTIAL = query(
    rows_of(Passkey).where(passkeys.c.credential_id == param("credential_id")), Passkey
)
REMOVE_PASSKEY = command(
    delete(passkeys).where(passkeys.c.id == param("id"), passkeys.c.admin_id == param("admin_id"))
)
REMOVE_PASSKEYS = command(delete(passkeys).where(passkeys.c.admin_id == param("admin_id")))


class _Challenge(msgspec.Struct, array_like=True):
    purpose: str
    until: float
    salt: str


def new_challenge(box: SecretBox, purpose: str, now: datetime) -> str:
    """What a passkey is asked to sign. It says itself, sealed, what for and until when, so that
    nothing is stored for whoever only looks at a page."""
    until = now.timestamp() + CHALLENGE_SECONDS
    return box.seal(msgspec.json.encode(_Challenge(purpose, until, new_token())).decode())


def is_ours(box: SecretBox, challenge: str, purpose: str, now: datetime) -> bool:
    """Whether we asked this, for that purpose, not long ago."""
    said = box.open_if_ours(challenge)
    if said is None:
        return False
    try:
        found = msgspec.json.decode(said, type=_Challenge)
    except msgspec.DecodeError:
        return False
    return found.purpose == purpose and now.timestamp() <= found.until
