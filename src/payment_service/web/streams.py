"""Answers that stay open for a while: event streams of pay pages and of the dashboard, and calls
that wait for news.

They are outside the limits of other requests, so they have limits of their own. Each lives for at
most `STREAM_SECONDS`. Each kind has a pool, and within it nobody can take all: not one key, not one
app, not whoever has one pay link, not one admin.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from payment_service.kit.errors import TooMany, Unavailable
from payment_service.web.access import Access
from payment_service.web.visits import visit_of

STREAM_SECONDS = 25
LONGEST = STREAM_SECONDS + 5
"""After which it is broken off: nobody has read what was sent."""
PAGES = 700
PAGES_OF_LINK = 10
DESKS = 100
DESKS_OF_ADMIN = 10
CALLS = 300
CALLS_OF_KEY = 20
CALLS_OF_APP = 100


class Pool:
    """How many are open, in all and of each owner."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._all = 0
        self._of: Counter[str] = Counter()

    @contextmanager
    def place(self, limits: Mapping[str, int]) -> Iterator[None]:
        """One more, of each owner named, who may have so many. Raises Unavailable, TooMany."""
        if self._all >= self._most:
            raise Unavailable(
                "too_many_streams", "Too many wait for news now; ask without waiting."
            )
        for owner, most in limits.items():
            if self._of[owner] >= most:
                raise TooMany(
                    "too_many_open",
                    f"At most {most} of these may be open at once; close one, or ask without "
                    "waiting.",
                    retry_after=5,
                    limit=most,
                )
        self._all += 1
        self._of.update(limits.keys())
        try:
            yield
        finally:
            self._all -= 1
            for owner in limits:
                self._of[owner] -= 1
                if not self._of[owner]:
                    del self._of[owner]


class Streams:
    """What is open in this process, until it is told to stop."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._pages = Pool(PAGES)
        self._desks = Pool(DESKS)
        self._calls = Pool(CALLS)

    def page(self, token: str) -> AbstractContextManager[None]:
        """A place for the stream of a pay link's page."""
        return self._pages.place({token: PAGES_OF_LINK})

    def desk(self, admin_id: str) -> AbstractContextManager[None]:
        """A place for the stream of a page of the dashboard."""
        return self._desks.place({admin_id: DESKS_OF_ADMIN})

    @contextmanager
    def call(self, access: Access) -> Iterator[None]:
        """A place for a call of the API that waits: `with streams_of(request).call(access): …`"""
        owners = {access.key.id: CALLS_OF_KEY, access.app.id: CALLS_OF_APP}
        with self._calls.place(owners):
            access.visit.stays(LONGEST)
            yield

    async def pause(self, seconds: float) -> bool:
        """Sleep so long; False, at once, when the process is about to end."""
        if not self._stopping.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
            except TimeoutError:
                return True
        return False


def streams_of(request: Request) -> Streams:
    streams: Streams = request.app.state.streams
    return streams


class HeldStream(StreamingResponse):
    """An event stream that holds its place for as long as it is open, and no longer."""

    def __init__(self, content: Any, place: AbstractContextManager[None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, media_type="text/event-stream", headers=headers)
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            visit_of(scope).stays(LONGEST)
            await super().__call__(scope, receive, send)
