"""The live half: an open page hears that something has changed, and keeps nobody signed in."""

import asyncio
import json
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from payment_service.kit.errors import TooMany, Unavailable
from payment_service.web import streams as limits
from payment_service.web.streams import Streams
from tests.clocks import HandClock
from tests.service import Service
from tests.web.dashboard.people import AGENT, Person, person
from tests.web.dashboard.webhooks.messages import receiver

LIVE = "/dashboard/webhooks/live"


def asks(service: Service, one: Person, query: str = "") -> Any:
    cookies = "; ".join(f"{name}={value}" for name, value in one.browser.cookies.items())
    headers = {"Accept": "text/event-stream", "Cookie": cookies, "User-Agent": AGENT,
               "Sec-Fetch-Mode": "cors"}  # fmt: skip
    return service.http.get(service.origin + LIVE + query, headers=headers, allow_redirects=False)


async def heard(stream: aiohttp.ClientResponse) -> str:
    """The next version that it tells."""
    async with asyncio.timeout(10):
        async for line in stream.content:
            if line.startswith(b"data: "):
                version: str = json.loads(line[6:])["version"]
                return version
    raise AssertionError("the stream has ended")


async def test_what_changes_is_heard_and_what_does_not_is_not(
    service: Service, owner: Person, clock: HandClock
) -> None:
    kasir = await receiver(service.runtime)
    one = await kasir.is_told()
    viewer = await person(service, clock, "viewer", "Dewi")
    page = await viewer.browser.sees("/dashboard/webhooks")
    async with asks(service, viewer) as every, asks(service, owner, "?status=failed") as failed:
        assert every.headers["Content-Type"].startswith("text/event-stream")
        first, before = await heard(every), await heard(failed)
        assert f'data-version="{first}"' in page.html
        await kasir.answers(one, 200)
        second = await heard(every)
        assert second != first
        await kasir.tells(410)
        assert await heard(failed) != before
    page = await viewer.browser.sees("/dashboard/webhooks")
    assert f'data-version="{second}"' not in page.html


async def test_without_a_session_or_a_stream_it_leads_away(service: Service, owner: Person) -> None:
    assert (await owner.browser.sees(LIVE)).leads_to == "/dashboard/webhooks"
    owner.browser.cookies.clear()
    async with asks(service, owner) as answer:
        assert answer.status == 303


async def test_a_page_that_asks_by_itself_keeps_no_session_open(
    owner: Person, clock: HandClock
) -> None:
    clock.advance(timedelta(minutes=20))
    page = await owner.browser.ask("GET", "/dashboard/webhooks", Sec_Fetch_Mode="cors")
    assert page.status == 200
    clock.advance(timedelta(minutes=11))
    page = await owner.browser.ask("GET", "/dashboard/webhooks", Sec_Fetch_Mode="navigate")
    assert page.leads_to.startswith("/dashboard/sign-in")


async def test_one_who_opens_too_many_is_refused_and_others_are_not(
    service: Service, owner: Person, clock: HandClock
) -> None:
    other = await person(service, clock, "viewer", "Dewi")
    opened = [await asks(service, owner) for _ in range(limits.DESKS_OF_ADMIN)]
    try:
        assert {stream.status for stream in opened} == {200}
        async with asks(service, owner) as refused:
            assert refused.status == 429
        async with asks(service, other) as let_in:
            assert let_in.status == 200
    finally:
        for stream in opened:
            stream.close()


def test_all_together_have_so_many_places() -> None:
    streams = Streams(asyncio.Event())
    with ExitStack() as held:
        for number in range(limits.DESKS):
            held.enter_context(streams.desk(f"adm_{number // limits.DESKS_OF_ADMIN}"))
        with pytest.raises(Unavailable), streams.desk("adm_new"):
            pass
        with streams.page("a pay link"):
            pass
    with ExitStack() as held:
        for _ in range(limits.DESKS_OF_ADMIN):
            held.enter_context(streams.desk("adm_0"))
        with pytest.raises(TooMany), streams.desk("adm_0"):
            pass
