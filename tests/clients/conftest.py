"""A story on SQLite, and the two faces of the Python client led to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from payment_service_client import AsyncClient, Client
from tests.clients.node import Library, built
from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.story import Story


@pytest.fixture
async def story(sqlite_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Story]:
    """Its gateway is in sandbox."""
    async with told_story(sqlite_url, clock, tmp_path) as story:
        yield story


class Face:
    """One of the two clients, asked from a test's loop: `await face.asks(client, …)`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._clients: list[Any] = []

    def client(self, api_key: str, origin: str, **options: Any) -> Any:
        kind = Client if self.kind == "blocking" else AsyncClient
        self._clients.append(kind(api_key, origin, **options))
        return self._clients[-1]

    async def asks(self, client: Any, ask: Callable[[Any], Any]) -> Any:
        if self.kind == "blocking":
            return await asyncio.to_thread(ask, client)
        return await ask(client)

    async def takes(self, client: Any, walk: Callable[[Any], Any], most: int) -> list[Any]:
        """So many of what an iterator gives, at most."""
        if self.kind == "blocking":
            return await asyncio.to_thread(lambda: list(islice(walk(client), most)))
        found: list[Any] = []
        async for one in walk(client):
            found.append(one)
            if len(found) == most:
                break
        return found

    async def close(self) -> None:
        for client in self._clients:
            await self.asks(client, lambda c: c.close())


@pytest.fixture(params=["blocking", "waiting"])
async def face(request: pytest.FixtureRequest) -> AsyncIterator[Face]:
    face = Face(request.param)
    yield face
    await face.close()


@pytest.fixture
async def library(story: Story) -> Library:
    """The TypeScript client, with types of the running service."""
    return await built(story.service)
