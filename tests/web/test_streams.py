"""How many answers may stay open, and that nobody takes all the places."""

import asyncio
from contextlib import ExitStack
from itertools import count
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from payment_service.kit.errors import TooMany, Unavailable
from payment_service.web import streams as limits
from payment_service.web.streams import Streams
from payment_service.web.visits import Visit
from tests.service import Service
from tests.story import App
from tests.web.test_access import refused
from tests.web.test_pay import subscribed

SSE = {"Accept": "text/event-stream"}


def access(app: str, key: str) -> Any:
    who = {"app": SimpleNamespace(id=app), "key": SimpleNamespace(id=key)}
    return SimpleNamespace(**who, visit=Visit("req_1"))


@pytest.fixture
def streams() -> Streams:
    return Streams(asyncio.Event())


def test_one_key_has_20_calls_and_one_app_100(streams: Streams) -> None:
    with ExitStack() as held:
        for number in range(limits.CALLS_OF_APP):
            held.enter_context(streams.call(access("app", f"key {number % 5}")))
        for mine in (access("app", "key 0"), access("app", "another key")):
            with pytest.raises(TooMany, match="too_many_open"), streams.call(mine):
                pass
        with streams.call(access("another app", "key")):
            pass
    with streams.call(access("app", "key 0")):
        pass


def test_pages_and_calls_do_not_take_places_from_each_other(streams: Streams) -> None:
    with ExitStack() as held:
        for number in range(limits.PAGES):
            held.enter_context(streams.page(f"link {number}"))
        with pytest.raises(Unavailable, match="too_many_streams"), streams.page("one more"):
            pass
        with streams.call(access("app", "key")):
            pass
        for number in range(limits.CALLS):
            held.enter_context(streams.call(access(f"app {number}", f"key {number}")))
        with pytest.raises(Unavailable), streams.call(access("one more", "one more")):
            pass
    assert limits.PAGES + limits.CALLS == 1000


async def test_a_pause_ends_when_the_process_is_told_to_stop() -> None:
    stopping = asyncio.Event()
    streams = Streams(stopping)
    assert await streams.pause(0.001)
    pausing = asyncio.create_task(streams.pause(60))
    await asyncio.sleep(0)
    stopping.set()
    async with asyncio.timeout(1):
        assert not await pausing
    assert not await streams.pause(60)


async def test_a_link_that_listens_too_often_asks_without_waiting(
    app: App, service: Service
) -> None:
    path = await subscribed(app)
    url = f"{service.origin}{path}/status"
    open_ones = [await service.http.get(url, headers=SSE) for _ in range(limits.PAGES_OF_LINK)]
    assert [stream.status for stream in open_ones] == [200] * limits.PAGES_OF_LINK
    more = await service.ask("GET", f"{path}/status", headers=SSE)
    assert refused(more, 429, "too_many_open")
    assert more.headers["Retry-After"] == "5"
    assert (await service.ask("GET", f"{path}/status")).status == 200
    another = (await app.subscribes("tenant-2", "bulanan")).json["pay_url"]
    async with service.http.get(f"{another}/status", headers=SSE) as stream:
        assert stream.status == 200
    open_ones[0].close()
    for _ in count():
        async with service.http.get(url, headers=SSE) as stream:
            if stream.status == 200:
                break
        await asyncio.sleep(0.05)
    for stream in open_ones:
        stream.close()


async def test_what_is_open_ends_when_the_process_stops(app: App, service: Service) -> None:
    path = await subscribed(app)
    async with service.http.get(f"{service.origin}{path}/status", headers=SSE) as stream:
        assert await stream.content.readline() == b"retry: 1000\n"
        service.web.state.stopping.set()
        async with asyncio.timeout(10):
            assert b"no_code" in await stream.content.read()
    assert isinstance(stream, aiohttp.ClientResponse)
