"""Sending again: one, all that failed, everything since; bit by bit, and never twice over."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from payment_service.actions.deliver import Courier
from payment_service.actions.edit_endpoint import EndpointChange, edit_endpoint
from payment_service.actions.give_up_deliveries import give_up_deliveries
from payment_service.actions.purge_attempts import purge_attempts
from payment_service.actions.resend import begin_resend, go_on_with_resends
from payment_service.actions.resend_delivery import resend_delivery
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import command, param
from payment_service.model.app import App
from payment_service.model.delivery import deliveries as table
from payment_service.model.endpoint import Endpoint, endpoints
from payment_service.model.resend import CHUNK, Resend
from payment_service.outbox import News, announce
from payment_service.runtime import Runtime
from tests.actions.ears import (
    Ears,
    at_work,
    attempts,
    deliveries,
    endpoint_of,
    happens,
    listens,
    registered,
)
from tests.clocks import HandClock

FAIL_ALL = command(
    update(table)
    .where(table.c.endpoint_id == param("endpoint_id"))
    .values(status="failed", next_at=None, delivered_at=None)
)
TURN_OFF = command(
    update(endpoints).where(endpoints.c.id == param("id")).values(status="off", off_reason="gone")
)


async def has_failed(runtime: Runtime, name: str, url: str, times: int) -> tuple[App, Endpoint]:
    app = await registered(runtime, url, name)
    for begun in range(0, times, 1_000):
        await happens(runtime, app, min(1_000, times - begun))
    endpoint = await endpoint_of(runtime, app)
    await runtime.db.write(lambda tx: tx.run(FAIL_ALL, endpoint_id=endpoint.id))
    return app, endpoint


async def begins(
    runtime: Runtime, app: App, endpoint: Endpoint, since: datetime | None = None
) -> Resend:
    now = runtime.clock.now()
    return await runtime.db.write(begin_resend, app.id, endpoint.id, since, now)


async def to_the_end(runtime: Runtime) -> None:
    courier = Courier(runtime)
    await courier.deliver_all()
    while await go_on_with_resends(runtime):
        await courier.deliver_all()


async def statuses(runtime: Runtime, endpoint: Endpoint) -> Counter[str]:
    return Counter(one.status for one in await deliveries(runtime, endpoint))


async def test_one_delivery_is_sent_again_with_all_attempts_before_it(
    runtime: Runtime, ears: Ears
) -> None:
    app, endpoint = await has_failed(runtime, "App", ears.url("one"), 1)
    (failed,) = await deliveries(runtime, endpoint)

    async def again() -> str:
        now = runtime.clock.now()
        return (await runtime.db.write(resend_delivery, app.id, failed.id, now)).status

    assert await again() == "queued"
    assert await again() == "queued"
    await Courier(runtime).deliver_all()
    assert ears.heard["one"] == 1
    assert await again() == "queued"
    await Courier(runtime).deliver_all()
    assert ears.heard["one"] == 2
    (done,) = await deliveries(runtime, endpoint)
    assert (done.status, done.attempts, done.tries) == ("delivered", 2, 1)
    assert [one.number for one in await attempts(runtime, done)] == [2, 1]
    assert list(ears.ids.values()) == [2]


async def test_what_waits_for_its_next_attempt_makes_it_now(runtime: Runtime, ears: Ears) -> None:
    app = await registered(runtime, ears.url("one"))
    ears.statuses["one"] = 500
    await happens(runtime, app)
    await Courier(runtime).deliver_all()
    (waiting,) = await deliveries(runtime, await endpoint_of(runtime, app))
    ears.statuses.clear()
    now = runtime.clock.now()
    hurried = await runtime.db.write(resend_delivery, app.id, waiting.id, now)
    assert (hurried.status, hurried.next_at, hurried.tries) == ("retrying", now, 1)
    await Courier(runtime).deliver_all()
    assert ears.heard["one"] == 2


async def test_all_that_failed_is_sent_again_in_chunks(runtime: Runtime, ears: Ears) -> None:
    app, endpoint = await has_failed(runtime, "App", ears.url("one"), 2 * CHUNK + 300)
    begun = await begins(runtime, app, endpoint)
    assert (begun.queued, begun.finished_at) == (CHUNK, None)
    assert await statuses(runtime, endpoint) == {"queued": CHUNK, "failed": CHUNK + 300}
    # Asked again it adds nothing, and so does the worker while the chunk waits.
    assert await begins(runtime, app, endpoint) == begun
    assert not await go_on_with_resends(runtime)
    with pytest.raises(Conflict, match="resend_running"):
        await begins(runtime, app, endpoint, runtime.clock.now())
    await to_the_end(runtime)
    assert await statuses(runtime, endpoint) == {"delivered": 2 * CHUNK + 300}
    assert ears.heard["one"] == 2 * CHUNK + 300
    assert (await begins(runtime, app, endpoint)).queued == 0


async def test_what_fails_again_meanwhile_is_not_sent_a_third_time(
    runtime: Runtime, ears: Ears
) -> None:
    app, endpoint = await has_failed(runtime, "App", ears.url("one"), CHUNK + 10)
    await begins(runtime, app, endpoint)
    await runtime.db.write(lambda tx: tx.run(FAIL_ALL, endpoint_id=endpoint.id))
    await to_the_end(runtime)
    assert ears.heard["one"] == 10
    assert await statuses(runtime, endpoint) == {"failed": CHUNK, "delivered": 10}


async def test_everything_since_an_instant_is_sent_again_also_what_was_never_told(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, 3)
    clock.advance(timedelta(hours=1))
    since = clock.now()
    await happens(runtime, app, 4)
    await Courier(runtime).deliver_all()
    clock.advance(timedelta(hours=1))
    later = await listens(runtime, app, ears.url("later"))
    await happens(runtime, app, 2)
    await Courier(runtime).deliver_all()
    begun = await begins(runtime, app, later, since)
    assert (begun.queued, begun.finished_at) == (6, clock.now())
    await to_the_end(runtime)
    assert (ears.heard["one"], ears.heard["later"]) == (9, 8)
    # Of the two that it had heard, each again; of the four before its time, each once.
    assert sorted(ears.ids.values()) == [1] * 3 + [2] * 4 + [3] * 2


async def test_only_wanted_types_and_no_tests_are_sent_again(runtime: Runtime, ears: Ears) -> None:
    app = await registered(runtime, ears.url("one"))
    now = runtime.clock.now()
    news = [News("invoice.issued", "inv_1", {}), News("invoice.paid", "inv_1", {})]
    news.append(News("endpoint.test", "ep_1", {}))
    await runtime.db.write(announce, app.id, news, now)
    second = await listens(runtime, app, ears.url("second"))
    change = EndpointChange(types=("invoice.paid",))
    await runtime.db.write(edit_endpoint, app, second.id, change, runtime.targets, now)
    assert (await begins(runtime, app, second, now)).queued == 1
    assert await statuses(runtime, second) == {"queued": 1}


async def test_a_resend_of_many_delays_nobodys_news(runtime: Runtime, ears: Ears) -> None:
    """Neither another app's, nor those of the endpoint itself by more than a chunk."""
    app, endpoint = await has_failed(runtime, "Many", ears.url("many"), 3_000)
    other = await registered(runtime, ears.url("other"), "Other")
    await begins(runtime, app, endpoint)
    async with at_work(Courier(runtime)):
        await ears.until(lambda: ears.heard["many"] > 20)
        ears.held.add("many")
        await happens(runtime, other, 3)
        await happens(runtime, app)
        await ears.until(lambda: ears.heard["other"] == 3)
        assert ears.heard["many"] < CHUNK
        await ears.let_go()
        await ears.until(lambda: ears.heard["many"] == CHUNK + 1)
        async with asyncio.timeout(60):
            while ears.heard["many"] < 2 * CHUNK:
                await go_on_with_resends(runtime)
                await asyncio.sleep(0.02)


async def test_a_resend_ends_with_its_endpoint(runtime: Runtime, ears: Ears) -> None:
    app, endpoint = await has_failed(runtime, "App", ears.url("one"), 2 * CHUNK)
    await begins(runtime, app, endpoint)
    await runtime.db.write(lambda tx: tx.run(TURN_OFF, id=endpoint.id))
    while await give_up_deliveries(runtime):
        pass
    assert await go_on_with_resends(runtime)
    assert not await go_on_with_resends(runtime)
    assert await statuses(runtime, endpoint) == {"failed": 2 * CHUNK}
    with pytest.raises(Conflict, match="endpoint_off"):
        await begins(runtime, app, endpoint)


async def test_what_waits_for_an_endpoint_that_is_off_is_given_up(
    runtime: Runtime, ears: Ears
) -> None:
    app = await registered(runtime, ears.url("one"))
    on = await registered(runtime, ears.url("two"), "Other")
    for one in (app, on):
        await happens(runtime, one, 700)
    endpoint = await endpoint_of(runtime, app)
    await runtime.db.write(lambda tx: tx.run(TURN_OFF, id=endpoint.id))
    while await give_up_deliveries(runtime):
        pass
    assert await statuses(runtime, endpoint) == {"failed": 700}
    assert await statuses(runtime, await endpoint_of(runtime, on)) == {"queued": 700}


async def test_attempts_are_kept_for_90_days(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, 600)
    await Courier(runtime).deliver_all()
    endpoint = await endpoint_of(runtime, app)
    clock.advance(timedelta(days=1))
    await happens(runtime, app, 1)
    await Courier(runtime).deliver_all()

    async def kept() -> int:
        found = await deliveries(runtime, endpoint)
        return sum([len(await attempts(runtime, one)) for one in found])

    clock.advance(timedelta(days=89))
    assert not await purge_attempts(runtime)
    assert await kept() == 601
    clock.advance(timedelta(milliseconds=2))
    while await purge_attempts(runtime):
        pass
    assert await kept() == 1
    assert (await statuses(runtime, endpoint))["delivered"] == 601
