"""Webhook messages: verified on the bytes as they came, and read."""

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from standardwebhooks import Webhook

from payment_service_client.errors import InvalidWebhook
from payment_service_client.events import Event

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32,88}={0,2}")
MOST_BYTES = 1024 * 1024
MOST_SIGNATURES = 8


def machine_time() -> datetime:
    return datetime.now(UTC)


class _Message(msgspec.Struct, frozen=True):
    type: str
    timestamp: datetime
    data: dict[str, Any]


class WebhookVerifier:
    """Of one endpoint. While its secret is rolled give both, in any order."""

    def __init__(
        self,
        *secrets: str,
        tolerance: timedelta = timedelta(minutes=5),
        now: Callable[[], datetime] = machine_time,
    ) -> None:
        """Raises ValueError, whose message never holds the secret."""
        if not secrets:
            raise ValueError("give the endpoint's secret")
        for secret in secrets:
            if secret != secret.strip():
                raise ValueError("the webhook secret has white space around it: cut it")
            if not SECRET.fullmatch(secret):
                raise ValueError("this is no webhook secret: one begins with whsec_")
        self._webhooks = [Webhook(secret) for secret in secrets]
        self._tolerance = tolerance
        self._now = now

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """`body` are the bytes as they came. Raises InvalidWebhook: answer 401."""
        if not isinstance(body, bytes | bytearray | memoryview):
            raise TypeError("give the body's bytes as they came, before anything parses them")
        body = bytes(body)
        told = {str(name).lower(): str(value) for name, value in headers.items()}
        try:
            message_id, timestamp = told["webhook-id"], told["webhook-timestamp"]
            signatures = told["webhook-signature"].split(" ")[:MOST_SIGNATURES]
        except KeyError as missing:
            raise InvalidWebhook(f"the header {missing.args[0]} is missing") from None
        signed_at = self._time_of(timestamp)
        if len(body) > MOST_BYTES:
            raise InvalidWebhook("the body is too large")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise InvalidWebhook("the body is not UTF-8") from None
        expected = [webhook.sign(message_id, signed_at, text) for webhook in self._webhooks]
        fits = [
            hmac.compare_digest(one.encode(), given.encode())
            for one in expected
            for given in signatures
        ]
        if not any(fits):
            raise InvalidWebhook("no signature fits: wrong secret, or the body was changed")
        return _event(message_id, body)

    def _time_of(self, timestamp: str) -> datetime:
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            raise InvalidWebhook("webhook-timestamp is not in seconds")
        try:
            signed_at = datetime.fromtimestamp(int(timestamp), UTC)
        except (ValueError, OverflowError, OSError):
            raise InvalidWebhook("webhook-timestamp is no time") from None
        if abs(self._now() - signed_at) > self._tolerance:
            raise InvalidWebhook("too old or too new; is this machine's clock right?")
        return signed_at

    def __repr__(self) -> str:
        return f"WebhookVerifier({len(self._webhooks)} secrets)"


def _event(message_id: str, body: bytes) -> Event:
    try:
        told = msgspec.json.decode(body, type=_Message)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidWebhook("signed, but no message") from None
    return Event(id=message_id, type=told.type, timestamp=told.timestamp, data=told.data)
