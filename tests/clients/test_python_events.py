"""Following events: all of them, in order, from any place on, and the next as it happens."""

import asyncio
from typing import Any

from tests.clients.conftest import Face
from tests.story import Story


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
