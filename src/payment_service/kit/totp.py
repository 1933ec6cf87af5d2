"""Six digits that change every half minute, as authenticator apps show them."""

import base64
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
ISSUER = "Payment Service"


def new_seed() -> str:
    """160 random bits in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_of(seed: str, code: str, now: datetime, last: int) -> int | None:
    """The step whose code this is, None when it fits not. A step counts once, and only while it
    lasts: a code that was accepted, or one from before it, is refused."""
    step = int(now.timestamp()) // STEP_SECONDS
    digits = "".join(code.split())
    if step <= last or len(digits) != 6 or not digits.isascii():
        return None
    try:
        _codes_of(seed).verify(digits.encode(), step * STEP_SECONDS)
    except InvalidToken:
        return None
    return step


def address(seed: str, name: str) -> str:
    """What the QR picture says to the authenticator app."""
    # Some apps show a plus for what it is.
    return _codes_of(seed).get_provisioning_uri(name, ISSUER).replace("+", "%20")


def _codes_of(seed: str) -> TOTP:
    # The one hash that every app knows, and HMAC needs of it nothing that is broken.
    return TOTP(base64.b32decode(seed), 6, SHA1(), STEP_SECONDS)  # nosec B303  # noqa: S303
