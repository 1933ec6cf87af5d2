"""Following events: all of them, in order, from any place on, and the next as it happens."""

import asyncio
import threading
from typing import Any

import pytest
from aiohttp import web

from payment_service_client import AsyncClient, Client, Patience, Unauthorized
from tests.clients.between import Script, listening, refused
from tests.clients.conftest import Face
from tests.hearing import free_port, refusing
from tests.story import Story

KEY = "psk_test_" + "a" * 38
QUICK = Patience(total_seconds=0.2, attempts=2, first_wait=0.01, longest_wait=0.05)


def events(*positions: int) -> web.Response:
    told = [
        {"id": f"evt_{one}", "position": one, "type": "moon.full", "data": {}}
        | {"timestamp": "2026-01-31T03:00:00Z"}
        for one in positions
    ]
    return web.json_response({"data": told, "has_more": False, "next_after": positions[-1]})


async def test_every_event_is_given_and_then_each_as_it_happens(story: Story, face: Face) -> None:
    app = await story.app()
    client = face.client(app.api_key, story.service.origin)
    for number in range(30):
        assert (await app.subscribes(f"tenant-{number}", "gratis")).status == 201

    async def later() -> None:
        await asyncio.sleep(0.3)
        assert (await app.subscribes("tenant-30", "gratis")).status == 201

    heard, _ = await asyncio.gather(
        face.takes(client, lambda c: c.events.follow(wait=10), 62), later()
    )
    assert [event.position for event in heard] == list(range(1, 63))
    assert heard[-1].subscription.customer.reference == "tenant-30"
    assert heard[-1].subscription.access_pass
    rest = await face.takes(client, lambda c: c.events.follow(after=60, wait=0), 2)
    assert [event.id for event in rest] == [event.id for event in heard[60:]]
    only: Any = await face.takes(
        client, lambda c: c.events.follow(types=["subscription.activated"], wait=0), 31
    )
    assert {event.type for event in only} == {"subscription.activated"}
    read = await face.asks(client, lambda c: c.events.get(heard[0].id))
    assert read.data == heard[0].data


async def test_events_are_picked_by_whom_and_when(story: Story, face: Face) -> None:
    app = await story.app()
    client = face.client(app.api_key, story.service.origin)
    for number in range(3):
        await app.subscribes(f"tenant-{number}", "gratis")
    of_one = await face.takes(client, lambda c: c.events.follow(customer="tenant-1"), 2)
    assert [event.subscription.customer.reference for event in of_one] == ["tenant-1"] * 2
    today = story.today
    days = {"created_from": today, "created_to": today}
    found = await face.takes(
        client, lambda c: c.events.follow(subscription=of_one[0].data["id"], **days), 2
    )
    assert found == of_one
    every = await face.takes(client, lambda c: c.events.all(limit=2), 100)
    assert [event.position for event in every] == list(range(1, 7))


async def test_following_outlives_whatever_passes(face: Face) -> None:
    """As a deployment looks from outside: nobody listens, then a proxy alone, then faults."""
    port = free_port()
    client = face.client(KEY, f"http://127.0.0.1:{port}", patience=QUICK)
    heard = asyncio.create_task(face.takes(client, lambda c: c.events.follow(), 4))
    await asyncio.sleep(1)  # five times as long as any other call is tried
    proxy = web.Response(status=502, body=b"<html>Bad Gateway</html>")
    answers = [
        *[proxy] * 4,
        refused(503, "shutting_down", Retry_After="1"),
        refused(429, "rate_limited", Retry_After="1"),
        events(1, 2),
        *[refused(500, "internal_error")] * 4,
        events(3, 4),
    ]
    script = Script(answers)
    async with listening(script, port):
        assert [event.position for event in await heard] == [1, 2, 3, 4]
    assert script.asked[-1].path == "/v1/events?after=2&wait=20"


async def test_following_ends_with_what_does_not_pass(face: Face) -> None:
    async with listening(Script([refused(401, "invalid_key")])) as origin:
        client = face.client(KEY, origin, patience=QUICK)
        with pytest.raises(Unauthorized):
            await face.takes(client, lambda c: c.events.follow(), 1)


async def test_following_ends_when_it_is_told_to() -> None:
    """Also while nobody listens there."""
    patience = Patience(first_wait=60, longest_wait=60)
    with refusing() as port:
        origin = f"http://127.0.0.1:{port}"
        stop = threading.Event()
        with Client(KEY, origin, patience=patience) as client:
            following = asyncio.create_task(
                asyncio.to_thread(lambda: list(client.events.follow(stop=stop)))
            )
            await asyncio.sleep(0.2)
            stop.set()
            assert await asyncio.wait_for(following, 5) == []

        async def follow() -> None:
            async with AsyncClient(KEY, origin, patience=patience) as waiting:
                async for _ in waiting.events.follow():
                    pass

        task = asyncio.create_task(follow())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)
