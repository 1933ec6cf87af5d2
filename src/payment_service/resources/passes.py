"""An access pass: how a subscription stands, signed, so that apps can check it by themselves."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from payment_service.kit.calendar import end_of
from payment_service.kit.statements import Transaction
from payment_service.model.signing_key import LIFE, Keyring, SigningKey

GRACE_FOR_NEWS = timedelta(hours=12)
"""After the last day that needs no news: by then the night's run has told what came of it."""
SHORTEST = timedelta(hours=1)
"""The life of a pass whose news is overdue: nobody loses access because the run is late."""


class PassResource(msgspec.Struct, frozen=True):
    """`pass` is a compact JWS; `expires_at` stands in it as well."""

    token: str = msgspec.field(name="pass")
    expires_at: datetime


class PublicKeyResource(msgspec.Struct, frozen=True):
    """A JWK."""

    kid: str
    x: str
    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"


class KeySetResource(msgspec.Struct, frozen=True):
    """A JWK set."""

    keys: list[PublicKeyResource]


class PassContent(msgspec.Struct, frozen=True):
    """What a pass says of a subscription. `access_until` is a local date, the last one that needs
    no further news; None with access is without end."""

    sub: str
    """The customer's reference."""
    app: str
    subscription: str
    plan: str
    features: dict[str, Any]
    access: bool
    access_until: date | None
    seq: int


class _Claims(msgspec.Struct, frozen=True):
    """`aud` is the app again: libraries that know the name refuse another app's pass unasked."""

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


class PassSigner(msgspec.Struct, frozen=True):
    """Signs in the name of an installation, which is its base URL."""

    issuer: str
    keyring: Keyring

    def sign(
        self, tx: Transaction, content: PassContent, zone: str, now: datetime, ahead: timedelta
    ) -> PassResource:
        """`now` is the machine's, since whoever checks the pass has no other; the app's clock,
        which decides what days are over, is `ahead` of it."""
        ends = int((now + life(content, zone, now + ahead)).timestamp())
        claims = _Claims(
            iss=self.issuer,
            aud=content.app,
            iat=int(now.timestamp()),
            exp=ends,
            **msgspec.structs.asdict(content),
        )
        token = self.keyring.signer(tx, now).sign(msgspec.json.encode(claims))
        return PassResource(token, datetime.fromtimestamp(ends, now.tzinfo))


def life(content: PassContent, zone: str, now: datetime) -> timedelta:
    """How long a pass is good, so that `access` and `exp` are all that must be looked at."""
    if not content.access or content.access_until is None:
        return LIFE
    news_by = end_of(content.access_until, zone) + GRACE_FOR_NEWS
    return max(SHORTEST, min(LIFE, news_by - now))


def key_set_resource(keys: Sequence[SigningKey]) -> KeySetResource:
    return KeySetResource([PublicKeyResource(kid=key.id, x=key.public) for key in keys])
