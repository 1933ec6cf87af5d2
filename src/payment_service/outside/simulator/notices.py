"""The simulator's notices: sent in the background, tried again a few times, then given up."""

import asyncio
from collections.abc import Sequence
from typing import Self

import aiohttp
import structlog

TRIES_AFTER = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each try."""

JSON = "application/json"

log = structlog.get_logger()


class Notice(bytes):
    """The body of a notice, and what it says it is. Whoever posts it adds the secret."""

    content_type: str

    def __new__(cls, body: bytes, content_type: str = JSON) -> Self:
        notice = super().__new__(cls, body)
        notice.content_type = content_type
        return notice


class NoticeSender:
    """Posts notices to one URL with the webhook's secret. Close it at the end."""

    def __init__(self, url: str, secret: str, waits: Sequence[float] = TRIES_AFTER) -> None:
        """Without a secret they are unsigned, as those of version 1 are."""
        self._url = url
        self._signed = {"X-Secret": secret} if secret else {}
        self._waits = waits
        self._session: aiohttp.ClientSession | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def __call__(self, body: bytes) -> None:
        """Start to send it; returns at once."""
        task = asyncio.create_task(self._send(body))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _send(self, body: bytes) -> None:
        content_type = body.content_type if isinstance(body, Notice) else JSON
        headers = {"Content-Type": content_type, **self._signed}
        for number, wait in enumerate(self._waits, start=1):
            await asyncio.sleep(wait)
            said = await self._try(body, headers)
            if said.startswith("2"):
                log.info("simulator.notice_sent", attempt=number, answer=said)
                return
            log.warning("simulator.notice_failed", attempt=number, answer=said)
        log.error("simulator.notice_given_up", attempts=len(self._waits))

    async def _try(self, body: bytes, headers: dict[str, str]) -> str:
        """The status, or the kind of the failure."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return str(response.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__
