"""Where the service is and which key speaks to it, checked before anything is sent."""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from payment_service_client.call import Call

KEY = re.compile(r"psk_(test|live)_[0-9A-Za-z]{38}")
LOCAL = {"localhost", "127.0.0.1", "::1"}
MOST_BYTES = 16 * 1024 * 1024


class Connection(msgspec.Struct, frozen=True):
    """The key does not show when it is printed."""

    base_url: str
    api_key: str

    @property
    def mode(self) -> str:
        return self.api_key.split("_")[1]

    def __repr__(self) -> str:
        return f"{self.base_url} with a {self.mode} key"

    __str__ = __repr__

    def headers(self, call: Call[Any]) -> dict[str, str]:
        return {
            **call.headers,
            "Authorization": f"Bearer {self.api_key}",
            "User-Agent": "payment-service-client-python",
        }

    @property
    def is_local(self) -> bool:
        return urlsplit(self.base_url).hostname in LOCAL


def connection(api_key: str, base_url: str) -> Connection:
    """Raises ValueError, whose message never holds the key."""
    if not isinstance(api_key, str):
        raise TypeError("the API key is a text")
    if api_key != api_key.strip():
        raise ValueError("the API key has white space around it, perhaps the end of a line: cut it")
    if not KEY.fullmatch(api_key):
        raise ValueError(
            "this is no API key: one begins with psk_test_ or psk_live_ and has 47 characters"
        )
    return Connection(checked_origin(base_url), api_key)


def checked_origin(base_url: str) -> str:
    """Raises ValueError. Over plain http a key could be read on its way."""
    parts = urlsplit(base_url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("base_url holds a user or a password; give the origin alone")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("base_url is the service's origin, like https://bayar.example.com")
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ValueError("base_url must be https; plain http is for the same machine alone")
    return base_url.rstrip("/")
