"""The guarded HTTP session that everything leaving this process goes through."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp
from aiohttp.abc import AbstractResolver

from payment_service.outside.addresses import ListedNames, Targets, guarded_connector

CONNECT_SECONDS = 5.0
LONGEST_WAIT = 7 * 24 * 3600


class GuardedSession:
    """One aiohttp session, made in the loop that first asks for it. Close it at the end."""

    def __init__(
        self,
        targets: Targets,
        resolver: AbstractResolver | None = None,
        *,
        keeps_alive: bool = True,
        traces: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        """Without `keeps_alive` each call has a connection of its own."""
        self.targets = targets
        self._resolver = resolver
        self._keeps_alive = keeps_alive
        self._traces = list(traces)
        self._names: ListedNames | None = None
        self._session: aiohttp.ClientSession | None = None

    def get(self) -> aiohttp.ClientSession:
        """The session; cookies are never kept, the environment's proxies never used."""
        if self._session is None:
            self._names = ListedNames(self.targets, self._resolver or aiohttp.AsyncResolver())
            self._session = aiohttp.ClientSession(
                connector=guarded_connector(
                    self.targets, self._names, keeps_alive=self._keeps_alive
                ),
                trace_configs=self._traces,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                # What is read is bounded, so it must not grow by being unpacked.
                auto_decompress=False,
                headers={"User-Agent": "Payment-Service", "Accept-Encoding": "identity"},
            )
        return self._session

    async def close(self) -> None:
        session, names = self._session, self._names
        self._session = self._names = None
        if session is not None:
            await session.close()
        if names is not None:
            await names.close()


def within(seconds: float) -> aiohttp.ClientTimeout:
    """A deadline for the whole call, and a shorter one for the connection."""
    return aiohttp.ClientTimeout(total=seconds, connect=min(seconds, CONNECT_SECONDS))


async def read_at_most(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The first bytes of the body; what is beyond them is never read."""
    parts: list[bytes] = []
    while most > 0 and (part := await response.content.read(most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def retry_after(headers: Mapping[str, str], now: datetime) -> int | None:
    """Seconds that the other side asks us to wait, from a number or a date; at most a week."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        return None
    return max(0, min(round((until - now).total_seconds()), LONGEST_WAIT))
