"""Compact JWS signed with Ed25519, as far as access passes need it.

A library for all of JOSE brings what a verifier must refuse, and some megabytes; signing is three
base64 parts around one call of `cryptography`.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Signer:
    """Signs as one key, whose name goes into each header as `kid`."""

    def __init__(self, key_id: str, private: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(_bytes_of(private))
        header = {"alg": "EdDSA", "kid": key_id, "typ": "JWT"}
        self._header = _text_of(msgspec.json.encode(header))

    def sign(self, claims: bytes) -> str:
        """`claims` are JSON."""
        signed = f"{self._header}.{_text_of(claims)}"
        return f"{signed}.{_text_of(self._key.sign(signed.encode()))}"


def new_key_pair() -> tuple[str, str]:
    """The private and the public key, 32 bytes each, in base64url."""
    key = Ed25519PrivateKey.generate()
    return _text_of(key.private_bytes_raw()), _text_of(key.public_key().public_bytes_raw())


def _text_of(some: bytes) -> str:
    return urlsafe_b64encode(some).rstrip(b"=").decode()


def _bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
