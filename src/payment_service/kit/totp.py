"""Six digits that change every half minute, as authenticator apps show them."""

import base64
import secrets
from datetime import datetime

import pyotp

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
    return step if pyotp.TOTP(seed).verify(digits, for_time=now, valid_window=0) else None


def address(seed: str, name: str) -> str:
    """What the QR picture says to the authenticator app."""
    return pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=ISSUER)
