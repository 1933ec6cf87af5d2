"""What the app is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from standardwebhooks import Webhook


class SettingWrong(Exception):
    """A setting is missing or cannot be used; the message is one line that says what to do."""


@dataclass(frozen=True)
class Settings:
    """`service_url` has no slash at its end; secrets stay out of the repr."""

    host: str
    port: int
    database: Path
    service_url: str
    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    return_url: str | None
    """Where the service's pay page links back to, when this app's own address is known."""

    @property
    def test_mode(self) -> bool:
        return self.api_key.startswith("psk_test_")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises SettingWrong."""
    service_url = environ.get("PAYMENT_SERVICE_URL", "http://localhost:5005").rstrip("/")
    if not service_url.startswith(("http://", "https://")):
        raise SettingWrong("PAYMENT_SERVICE_URL must start with http:// or https://")
    return Settings(
        host=environ.get("BUKUBENGKEL_HOST", "127.0.0.1"),
        port=_port(environ.get("BUKUBENGKEL_PORT", "3000")),
        database=Path(environ.get("BUKUBENGKEL_DATABASE", "bukubengkel.db")),
        service_url=service_url,
        api_key=_api_key(_secret(environ, "PAYMENT_SERVICE_API_KEY")),
        webhook_secret=_webhook_secret(_secret(environ, "PAYMENT_SERVICE_WEBHOOK_SECRET")),
        return_url=_return_url(environ.get("BUKUBENGKEL_URL")),
    )


def _return_url(own: str | None) -> str | None:
    return f"{own.rstrip('/')}/workshop" if own else None


def _port(text: str) -> int:
    # Port 0 would let the system choose one, and nobody would know which.
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise SettingWrong(f"BUKUBENGKEL_PORT must be a number from 1 to 65535, not {text!r}")


def _api_key(key: str) -> str:
    # A stray line break would otherwise surface as a failing request, far from its cause.
    if key.isascii() and key.isprintable() and " " not in key:
        return key
    raise SettingWrong("PAYMENT_SERVICE_API_KEY is not a key: copy it as `app create` printed it")


def _webhook_secret(secret: str) -> str:
    try:
        Webhook(secret)
    except Exception as problem:
        raise SettingWrong(
            "PAYMENT_SERVICE_WEBHOOK_SECRET is not a secret: copy the whole whsec_… value"
        ) from problem
    return secret


def _secret(environ: Mapping[str, str], name: str) -> str:
    if environ.get(name):
        return environ[name]
    path = environ.get(f"{name}_FILE")
    if not path:
        raise SettingWrong(f"set {name}, or {name}_FILE to a file that holds it")
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingWrong(f"{name}_FILE cannot be read: {path}") from problem
    if not secret:
        raise SettingWrong(f"{name}_FILE is empty: {path}")
    return secret
