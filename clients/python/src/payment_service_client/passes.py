"""Access passes, checked offline: a compact JWS by Ed25519, and the keys of the issuer."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from payment_service_client.errors import ExpiredPass, InvalidPass, UnknownKey
from payment_service_client.records import Record
from payment_service_client.webhooks import machine_time

KEYS_PATH = "/.well-known/payment-service/keys.json"
MOST_CHARACTERS = 64 * 1024
PART = re.compile(r"[A-Za-z0-9_-]*")
SKEW = timedelta(minutes=1)
"""How far the clocks of signer and checker may be apart."""
FRESH = timedelta(hours=1)
"""A new key is published for so long before it signs."""
AGAIN = timedelta(seconds=30)
"""Between two looks at the keys, whatever comes in."""
KEPT = timedelta(hours=72)
"""Keys that could not be looked at for so long are not believed any more; no pass lives longer."""


class AccessPass(Record, frozen=True, kw_only=True):
    """How a subscription stood when it was signed. Let the tenant in when `access` is true; of two
    passes of a subscription the one with the higher `seq` is newer."""

    issuer: str
    app: str
    reference: str
    subscription: str
    plan: str
    features: dict[str, Any]
    access: bool
    access_until: date | None
    seq: int
    issued_at: datetime
    expires_at: datetime


class _Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str
    crit: msgspec.Raw | None = None


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    aud: str
    sub: str
    app: str
    subscription: str
    plan: str
    features: dict[str, Any]
    access: bool
    access_until: date | None
    seq: int
    iat: int
    exp: int


class _Jwk(msgspec.Struct, frozen=True):
    kid: str = ""
    kty: str = ""
    crv: str = ""
    x: str = ""


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[_Jwk]


Keys = Mapping[str, Ed25519PublicKey]


def keys_of(document: bytes | str) -> Keys:
    """The keys of a JWK set, by name; others than Ed25519 are passed over. Raises ValueError."""
    try:
        listed = msgspec.json.decode(document, type=_KeySet).keys
    except (msgspec.DecodeError, RecursionError):
        raise ValueError("this is no JWK set") from None
    found = {}
    for key in listed:
        if (key.kty, key.crv) == ("OKP", "Ed25519") and key.kid and PART.fullmatch(key.x):
            try:
                found[key.kid] = Ed25519PublicKey.from_public_bytes(_bytes_of(key.x))
            except ValueError:
                continue
    return found


def key_id_of(token: str) -> str:
    """The name of the key that a pass says it is signed by. Raises InvalidPass."""
    return _header(_parts(token)[0]).kid


def verify_pass(token: str, keys: Keys, *, app: str, issuer: str, now: datetime) -> AccessPass:
    """The pass, when one of the keys signed it for this app and it is good at `now`.

    Raises InvalidPass: ExpiredPass where a fresh one would do, UnknownKey where the keys may be
    too old.
    """
    header, body, signature = _parts(token)
    key = keys.get(_header(header).kid)
    if key is None:
        raise UnknownKey("no key of this name is published")
    try:
        key.verify(_bytes_of(signature), f"{header}.{body}".encode())
    except (InvalidSignature, ValueError):
        raise InvalidPass("the signature does not fit") from None
    try:
        told = msgspec.json.decode(_bytes_of(body), type=_Claims)
        issued, ends = _instant(told.iat), _instant(told.exp)
    except (ValueError, OverflowError, OSError, RecursionError):
        raise InvalidPass("signed, but it does not say what a pass says") from None
    if told.iss != issuer:
        raise InvalidPass("it is another installation's")
    if (told.app, told.aud) != (app, app):
        raise InvalidPass("it is another app's")
    if issued - SKEW > now:
        raise InvalidPass("it is signed in the future; is this machine's clock right?")
    if ends + SKEW <= now:
        raise ExpiredPass("it has expired; get a fresh one")
    return AccessPass(
        issuer=told.iss,
        app=told.app,
        reference=told.sub,
        subscription=told.subscription,
        plan=told.plan,
        features=told.features,
        access=told.access,
        access_until=told.access_until,
        seq=told.seq,
        issued_at=issued,
        expires_at=ends,
    )


class KeyCache:
    """The issuer's keys, as old as they may be. Whoever has it fetches them."""

    def __init__(self, now: Callable[[], datetime] = machine_time) -> None:
        self._now = now
        self._keys: Keys = {}
        self._fetched_at: datetime | None = None
        self._looked_at: datetime | None = None

    def wants(self, key_id: str) -> bool:
        """Whether to look at the issuer's keys before this pass is checked."""
        now = self._now()
        if self._looked_at is not None and now - self._looked_at < AGAIN:
            return False
        is_old = self._fetched_at is None or now - self._fetched_at >= FRESH
        return is_old or key_id not in self._keys

    def looks(self) -> None:
        self._looked_at = self._now()

    def take(self, document: bytes | str) -> None:
        self._keys = keys_of(document)
        self._fetched_at = self._now()

    def verify(self, token: str, *, app: str, issuer: str) -> AccessPass:
        now = self._now()
        if self._fetched_at is None or now - self._fetched_at > KEPT:
            raise UnknownKey(f"the keys at {issuer}{KEYS_PATH} could not be read")
        return verify_pass(token, self._keys, app=app, issuer=issuer, now=now)


def _parts(token: str) -> tuple[str, str, str]:
    if not isinstance(token, str) or len(token) > MOST_CHARACTERS:
        raise InvalidPass("it is no text, or too long")
    parts = token.split(".")
    if len(parts) != 3 or not all(part and PART.fullmatch(part) for part in parts):
        raise InvalidPass("it is no compact JWS")
    return parts[0], parts[1], parts[2]


def _header(part: str) -> _Header:
    try:
        header = msgspec.json.decode(_bytes_of(part), type=_Header)
    except (ValueError, RecursionError):
        raise InvalidPass("its header is not that of a pass") from None
    if header.alg != "EdDSA" or header.crit is not None:
        raise InvalidPass("it is not signed by Ed25519")
    return header


def _bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
