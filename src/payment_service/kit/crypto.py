"""Secrets: sealed at rest, compared in constant time, hashed where only recognition is needed."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from payment_service.kit.errors import CannotStart

REMEMBERED = 10_000


class SecretBox:
    """Seals and opens secrets with the service's key file. The first key seals, all open."""

    def __init__(self, keys: list[str]) -> None:
        try:
            self._box = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise CannotStart(
                "the secret key is not 32 bytes in URL-safe base64; restore the key file that "
                "belongs to this database"
            ) from error
        self.fingerprint = fingerprint(keys[0])
        self._opened: dict[str, str] = {}

    def seal(self, secret: str) -> str:
        return self._box.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises CannotStart when no key fits: the wrong key file is in use."""
        # Each notice and each webhook needs one; opening it anew costs 17 µs.
        secret = self._opened.get(sealed)
        if secret is None:
            if len(self._opened) >= REMEMBERED:
                self._opened.clear()
            secret = self._opened[sealed] = self._unseal(sealed)
        return secret

    def open_if_ours(self, sealed: str) -> str | None:
        """What browsers send back may be anything; None where it is nothing that we sealed."""
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _unseal(self, sealed: str) -> str:
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise CannotStart(
                "a stored secret does not open with this key file; restore the one that belongs "
                "to this database"
            ) from error


def new_key() -> str:
    """A fresh key for a SecretBox."""
    return Fernet.generate_key().decode()


def fingerprint(key: str) -> str:
    """Eight characters by which a key can be named without telling it."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def digest(text: str) -> str:
    """SHA-256 in hex: enough for a secret with 128 random bits or more."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_webhook_secret() -> str:
    """`whsec_` and 32 random bytes in base64, as Standard Webhooks asks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
