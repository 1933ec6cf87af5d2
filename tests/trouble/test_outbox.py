"""Webhooks that are sent late, or of which too many wait, wake somebody."""

import asyncio
from datetime import timedelta

from payment_service.actions.register_app import Registration
from payment_service.actions.watch_machine import watch_machine
from payment_service.actions.watch_outbox import watch_outbox
from payment_service.model.backlog import MOST, Backlog
from payment_service.worker import Worker
from tests.story import register
from tests.trouble.conftest import Place


async def test_news_that_waits_for_over_a_quarter_of_an_hour_is_told_until_it_is_sent(
    place: Place,
) -> None:
    app = await register(
        place.service,
        Registration(name="BukuBengkel", mode="test", webhook_url=place.receiver.url),
    )
    await app.subscribes("tenant-1", "bulanan")
    place.passes(timedelta(minutes=14))
    await watch_outbox(place.runtime)
    assert await place.open_kinds() == []
    place.passes(timedelta(minutes=2))
    await watch_outbox(place.runtime)
    (alert,) = await place.alerts()
    assert alert.kind == "deliveries_behind"
    assert "for 16 minutes" in alert.message
    await place.service.deliver()
    await watch_outbox(place.runtime)
    assert await place.open_kinds() == []


async def test_where_no_worker_runs_it_is_told_all_the_same(place: Place) -> None:
    app = await register(
        place.service,
        Registration(name="BukuBengkel", mode="test", webhook_url=place.receiver.url),
    )
    await app.subscribes("tenant-1", "bulanan")
    place.passes(timedelta(minutes=16))
    place.machine.roles.add("worker")
    await watch_machine(place.runtime)  # the last of one: that none runs would be told first
    place.machine.roles.clear()
    web = Worker(place.runtime, only_watches=True)
    working = asyncio.create_task(web.run())
    try:
        async with asyncio.timeout(60):
            await place.owner.hears("deliveries_behind")
    finally:
        web.stop()
        await working


def test_too_many_are_too_many_however_new() -> None:
    assert not Backlog(MOST, timedelta()).is_behind
    assert Backlog(MOST + 1, timedelta()).is_behind
