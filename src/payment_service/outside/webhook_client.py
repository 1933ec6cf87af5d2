"""Webhooks out: the signature, and one POST whose every outcome is an answer."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Literal

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from standardwebhooks import Webhook
from yarl import URL

from payment_service.kit.clock import Clock, monotonic
from payment_service.kit.errors import Invalid
from payment_service.outside.addresses import AddressNotAllowed, Targets, check_url
from payment_service.outside.session import GuardedSession, read_at_most, retry_after, within

TOTAL_SECONDS = 15.0
READ_BYTES = 16 * 1024
KEPT_BYTES = 4 * 1024

Trouble = Literal[
    "timeout", "refused", "address_not_allowed", "dns", "tls", "disconnected", "not_http"
]


class Answer(msgspec.Struct, frozen=True):
    """What came of one attempt."""

    status: int | None
    error: Trouble | None
    """Set when no whole answer came; a status may stand beside it."""
    milliseconds: int
    body_head: str
    """The first 4 KiB of the reply, as text."""
    retry_after: int | None
    """Seconds the receiver asked us to wait."""

    @property
    def delivered(self) -> bool:
        return self.error is None and self.status is not None and 200 <= self.status < 300

    @property
    def kind(self) -> str:
        """As metrics tell it."""
        if self.delivered:
            return "delivered"
        if self.status is None:
            return "unreachable"
        return "failed" if self.status >= 500 else "refused"


def sign(
    secrets: Sequence[str], message_id: str, attempt_time: datetime, body: bytes
) -> dict[str, str]:
    """The headers of Standard Webhooks; one signature for each secret, the newest first."""
    # The library overwrites the zone instead of converting, so it must be given UTC.
    instant = attempt_time.astimezone(UTC)
    text = body.decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": " ".join(
            _webhook(secret).sign(message_id, instant, text) for secret in secrets
        ),
    }


@lru_cache(maxsize=1_000)
def _webhook(secret: str) -> Webhook:
    return Webhook(secret)


class WebhookClient:
    """Posts to receivers. How many at once is for the caller to decide."""

    def __init__(
        self,
        targets: Targets,
        clock: Clock,
        *,
        total_seconds: float = TOTAL_SECONDS,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._targets = targets
        self._clock = clock
        self._seconds = total_seconds
        self._session = GuardedSession(targets, resolver, traces=(notes_reuse(),))
        self._fresh = GuardedSession(targets, resolver, keeps_alive=False)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One attempt. Never raises for what the other side does."""
        started = monotonic()
        try:
            to = check_url(url, self._targets)
        except Invalid:
            return Answer(None, "address_not_allowed", 0, "", None)
        sent = {"Content-Type": "application/json", **headers}
        call = Call()
        answer = await self._post(self._session, to, sent, body, started, call)
        if call.was_closed:
            # The receiver let go of a connection just when we took it up again, and has seen
            # nothing of this message: that is no attempt.
            answer = await self._post(self._fresh, to, sent, body, started, Call())
        return answer

    async def reach(self, url: str, seconds: float) -> Trouble | None:
        """Why the receiver is not reached, asked for nothing but its head; whatever it answers."""
        try:
            to = check_url(url, self._targets)
        except Invalid:
            return "address_not_allowed"
        try:
            asked = self._fresh.get().head(to, timeout=within(seconds), allow_redirects=False)
            async with asked:
                return None
        except (TimeoutError, aiohttp.ClientError, OSError) as failure:
            return trouble(failure)

    async def _post(
        self,
        session: GuardedSession,
        url: URL,
        headers: Mapping[str, str],
        body: bytes,
        started: float,
        call: "Call",
    ) -> Answer:
        status: int | None = None
        error: Trouble | None = None
        head = b""
        wait: int | None = None
        try:
            async with session.get().post(
                url,
                data=body,
                headers=headers,
                timeout=within(self._seconds - (monotonic() - started)),
                allow_redirects=False,
                trace_request_ctx=call,
            ) as response:
                status = response.status
                wait = retry_after(response.headers, self._clock.now())
                head = await read_at_most(response, READ_BYTES)
        except (TimeoutError, aiohttp.ClientError, OSError) as failure:
            error = trouble(failure)
            call.was_closed = call.is_reused and status is None and error == "disconnected"
        return Answer(
            status=status,
            error=error,
            milliseconds=round((monotonic() - started) * 1000),
            # PostgreSQL's text takes no NUL.
            body_head=head[:KEPT_BYTES].decode(errors="replace").replace("\0", "\ufffd"),
            retry_after=wait,
        )

    async def close(self) -> None:
        await self._session.close()
        await self._fresh.close()


class Call:
    """What is known of the connection of one POST."""

    __slots__ = ("is_reused", "was_closed")

    def __init__(self) -> None:
        self.is_reused = False
        self.was_closed = False


def notes_reuse() -> aiohttp.TraceConfig:
    """Says in each `Call` whether its connection had served another."""

    async def reused(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.is_reused = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(reused)
    return trace


def trouble(failure: Exception) -> Trouble:
    """The kind of a failure, in one word."""
    cause = getattr(failure, "os_error", None)
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(cause, AddressNotAllowed):
        return "address_not_allowed"
    if isinstance(failure, aiohttp.ClientConnectorDNSError | aiohttp.InvalidURL):
        return "dns"
    if isinstance(failure, aiohttp.ClientSSLError):
        return "tls"
    if isinstance(failure, aiohttp.ClientConnectorError):
        return "refused"
    if isinstance(failure, aiohttp.ClientResponseError):
        return "not_http"
    return "disconnected"
