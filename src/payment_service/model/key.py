"""An API key of an app: shown once, stored as a hash, told apart from noise by its checksum."""

import secrets
import zlib
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, ForeignKey, Index, Text, or_, select, text, update

from payment_service.kit.crypto import digest
from payment_service.kit.errors import NotFound
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, Json, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    command,
    param,
    query,
    rows_of,
    side_by_side,
    stored_in,
)
from payment_service.model.app import App, Mode, apps

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
KeyStatus = Literal["active", "expired", "revoked"]
FIRST_SCOPES: tuple[Scope, ...] = ("read", "write")
"""What a key may do unless more is asked for: no key has `admin` by itself."""
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

api_keys = table(
    "api_keys",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("start", Text, nullable=False),
    Column("last4", Text, nullable=False),
    Column("scopes", Json(tuple[Scope, ...]), nullable=False),
    Column("metadata", Json(dict[str, Any]), nullable=False, server_default=text("'{}'")),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("version", Number, nullable=False),
    Index(None, "app_id", "id"),
)


@stored_in(api_keys)
class ApiKey(Record, frozen=True):
    """`start` and `last4` are what people may see of the key."""

    id: str
    app_id: str
    name: str
    hash: str
    start: str
    last4: str
    scopes: tuple[Scope, ...]
    metadata: dict[str, Any]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    version: int


KEY = query(rows_of(ApiKey).where(api_keys.c.id == param("id")), ApiKey)
APP_AND_KEY_BY_HASH = side_by_side(
    select(apps, api_keys)
    .join(api_keys, api_keys.c.app_id == apps.c.id)
    .where(api_keys.c.hash == param("hash")),
    App,
    ApiKey,
)
KEY_OF_APP = query(
    rows_of(ApiKey).where(api_keys.c.id == param("id"), api_keys.c.app_id == param("app_id")),
    ApiKey,
)
KEYS_OF_APP = query(
    rows_of(ApiKey)
    .where(api_keys.c.app_id == param("app_id"), api_keys.c.id < param("before"))
    .order_by(api_keys.c.id.desc())
    .limit(param("limit", Number)),
    ApiKey,
)
TOUCH_KEY = command(
    update(api_keys)
    .where(
        api_keys.c.id == param("id"),
        or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at <= param("until")),
    )
    .values(last_used_at=param("now"))
)
"""At most once in a while, however many ask at the same time."""


def new_secret(mode: Mode) -> str:
    """`psk_live_` or `psk_test_`, 32 random characters (190 bits), 6 of checksum."""
    body = "".join(secrets.choice(BASE62) for _ in range(32))
    prefix = f"psk_{mode}_"
    return prefix + body + _checksum(prefix + body)


def well_formed(secret: str) -> bool:
    """Whether this can be a key at all; asked before any query."""
    return (
        secret.isascii()
        and len(secret) == 47
        and secret.startswith(("psk_live_", "psk_test_"))
        and secret[-6:] == _checksum(secret[:-6])
    )


def hash_of(secret: str) -> str:
    """190 random bits need no slow hash."""
    return digest(secret)


def app_and_key(tx: Transaction, key_hash: str) -> tuple[App, ApiKey] | None:
    """Whose key it is, whether or not it may still be used."""
    found = tx.one(APP_AND_KEY_BY_HASH, hash=key_hash)
    if found is None:
        return None
    app, key = found
    return app, key


def usable(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def status_of(key: ApiKey, now: datetime) -> KeyStatus:
    if key.revoked_at is not None:
        return "revoked"
    return "active" if usable(key, now) else "expired"


def key_of_app(tx: Transaction, app_id: str, key_id: str) -> ApiKey:
    """Raises NotFound, for another app's as for none."""
    key = tx.one(KEY_OF_APP, id=key_id, app_id=app_id)
    if key is None:
        raise key_not_found()
    return key


def key_by_id(tx: Transaction, key_id: str) -> ApiKey:
    """Of whichever app, for the terminal. Raises NotFound."""
    key = tx.one(KEY, id=key_id)
    if key is None:
        raise key_not_found()
    return key


def key_not_found() -> NotFound:
    return NotFound("key_not_found", "There is no key with this id.")


def key_record(
    app_id: str,
    secret: str,
    name: str,
    scopes: tuple[Scope, ...],
    now: datetime,
    *,
    expires_at: datetime | None = None,
    metadata: dict[str, Any] | None = None,
) -> ApiKey:
    """What is kept of a key: never the secret itself."""
    return ApiKey(
        id=new_id("key", now),
        app_id=app_id,
        name=name,
        hash=hash_of(secret),
        start=secret[:12],
        last4=secret[-4:],
        scopes=scopes,
        metadata=metadata or {},
        created_at=now,
        expires_at=expires_at,
        last_used_at=None,
        revoked_at=None,
        version=1,
    )


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits
