"""What a person asks for after an outage is tried at once, whatever pause the endpoint is in."""

from datetime import timedelta

import pytest

from payment_service.actions.deliver import Courier
from payment_service.actions.edit_endpoint import EndpointChange, edit_endpoint
from payment_service.actions.resend import begin_resend
from payment_service.actions.resend_delivery import resend_delivery
from payment_service.actions.send_test import send_test
from payment_service.kit.statements import command, param
from payment_service.model.alert import OPEN_ALERTS
from payment_service.model.app import App
from payment_service.model.delivery import Shown
from payment_service.model.delivery import deliveries as table
from payment_service.model.endpoint import Endpoint
from payment_service.model.endpoint_health import BREAKER, RETRY_AFTER, TOLD_AFTER
from payment_service.model.resend import CHUNK
from payment_service.runtime import Runtime
from tests.actions.ears import (
    Ears,
    deliveries,
    endpoint_of,
    happens,
    registered,
)
from tests.clocks import HandClock

DAY = timedelta(days=1)
RETRY_ALL = command(
    table.update()
    .where(table.c.endpoint_id == param("endpoint_id"))
    .values(status="retrying", tries=5, next_at=param("next_at"))
)


async def was_down(runtime: Runtime, ears: Ears, clock: HandClock) -> App:
    """Its breaker is open, it is paused for most of a day, a dozen messages wait; it is well."""
    app = await registered(runtime, ears.url("one"))
    ears.statuses["one"] = 500
    await happens(runtime, app, 12)
    for _ in range(BREAKER + len(RETRY_AFTER) + 3):
        await Courier(runtime).deliver_all()
        pause = (await endpoint_of(runtime, app)).paused_until
        if pause is not None and pause - clock.now() > timedelta(hours=12):
            break
        clock.advance(timedelta(hours=4))
    ears.statuses.clear()
    ears.heard.clear()
    assert await paused_for(runtime, app) > timedelta(hours=10)
    return app


async def paused_for(runtime: Runtime, app: App) -> timedelta:
    pause = (await endpoint_of(runtime, app)).paused_until
    assert pause is not None
    return pause - runtime.clock.now()


async def asks_for_a_test(runtime: Runtime, app: App) -> Shown:
    now, endpoint = runtime.clock.now(), await endpoint_of(runtime, app)
    return await runtime.db.write(send_test, app.id, endpoint.id, now, now)


async def read(runtime: Runtime, app: App, delivery: Shown) -> Shown:
    found = await deliveries(runtime, await endpoint_of(runtime, app))
    return next(one for one in found if one.id == delivery.id)


async def fails_at_once(runtime: Runtime, ears: Ears, app: App) -> list[Shown]:
    """What was attempted of what waits, when the endpoint fails again."""
    ears.statuses["one"] = 500
    before = {
        one.id: one.attempts for one in await deliveries(runtime, await endpoint_of(runtime, app))
    }
    await Courier(runtime).deliver_all()
    after = await deliveries(runtime, await endpoint_of(runtime, app))
    return [one for one in after if one.attempts != before[one.id]]


async def test_a_test_is_the_probe_and_its_success_brings_the_rest(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await was_down(runtime, ears, clock)
    asked = await asks_for_a_test(runtime, app)
    assert (await endpoint_of(runtime, app)).failures >= BREAKER
    await Courier(runtime).deliver_all()
    assert (await read(runtime, app, asked)).status == "delivered"
    endpoint = await endpoint_of(runtime, app)
    assert (endpoint.failures, endpoint.paused_until) == (0, None)
    due = [one for one in await deliveries(runtime, endpoint) if one.status != "delivered"]
    assert all(one.next_at and one.next_at > clock.now() for one in due)


async def test_a_test_that_fails_is_all_that_was_tried(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await was_down(runtime, ears, clock)
    asked = await asks_for_a_test(runtime, app)
    assert [one.id for one in await fails_at_once(runtime, ears, app)] == [asked.id]
    assert await paused_for(runtime, app) > timedelta(hours=10)


async def test_a_delivery_that_is_sent_again_is_the_probe(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    """Whether it waits for its turn or for its next attempt."""
    app = await was_down(runtime, ears, clock)
    await happens(runtime, app)
    waiting = await deliveries(runtime, await endpoint_of(runtime, app))
    for status in ("queued", "retrying"):
        chosen = next(one for one in waiting if one.status == status)
        ids = (app.id, chosen.id)
        shown = await runtime.db.write(resend_delivery, *ids, runtime.clock.now())
        assert shown.next_at is not None
        assert shown.next_at <= clock.now()
        assert [one.id for one in await fails_at_once(runtime, ears, app)] == [chosen.id]


async def test_a_resend_of_many_ends_the_pause_and_brings_what_waits_for_its_next_attempt(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await was_down(runtime, ears, clock)
    endpoint = await endpoint_of(runtime, app)
    waiting = await deliveries(runtime, endpoint)
    retrying = [one for one in waiting if one.status == "retrying"]
    assert any(one.next_at and one.next_at > clock.now() for one in retrying)
    begun = await runtime.db.write(begin_resend, app.id, endpoint.id, None, clock.now())
    assert begun.queued == len(retrying)
    await Courier(runtime).deliver_all()
    assert {one.status for one in await deliveries(runtime, endpoint)} == {"delivered"}
    assert ears.heard["one"] == len(waiting)


async def test_what_failed_for_good_and_what_is_retrying_are_counted_together_in_chunks(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, CHUNK + 100)
    endpoint, later = await endpoint_of(runtime, app), clock.now() + DAY
    await runtime.db.write(lambda tx: tx.run(RETRY_ALL, endpoint_id=endpoint.id, next_at=later))
    begun = await runtime.db.write(begin_resend, app.id, endpoint.id, None, clock.now())
    assert (begun.queued, begun.finished_at) == (CHUNK, None)
    await Courier(runtime).deliver_all()
    assert ears.heard["one"] == CHUNK
    again = await runtime.db.write(begin_resend, app.id, endpoint.id, None, clock.now())
    assert again.id == begun.id


async def test_asked_again_while_it_is_under_way_a_resend_ends_the_pause_too(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    await happens(runtime, app, CHUNK + 100)
    endpoint = await endpoint_of(runtime, app)
    await runtime.db.write(
        lambda tx: tx.run(RETRY_ALL, endpoint_id=endpoint.id, next_at=clock.now() + DAY)
    )
    await runtime.db.write(begin_resend, app.id, endpoint.id, None, clock.now())
    ears.statuses["one"] = 503
    await Courier(runtime).deliver_all()
    assert await paused_for(runtime, app) == timedelta(seconds=60)
    await runtime.db.write(begin_resend, app.id, endpoint.id, None, clock.now())
    assert (await endpoint_of(runtime, app)).paused_until is None


@pytest.mark.parametrize("status", [429, 503])
async def test_what_is_asked_for_by_hand_ends_the_minute_that_an_endpoint_asked_for(
    runtime: Runtime, ears: Ears, status: int
) -> None:
    app = await registered(runtime, ears.url("one"))
    ears.statuses["one"] = status
    await happens(runtime, app)
    await Courier(runtime).deliver_all()
    assert await paused_for(runtime, app) == timedelta(seconds=60)
    ears.statuses.clear()
    asked = await asks_for_a_test(runtime, app)
    await Courier(runtime).deliver_all()
    assert (await read(runtime, app, asked)).status == "delivered"


async def test_a_probe_that_was_under_way_already_does_not_hold_back_what_is_asked_for(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await was_down(runtime, ears, clock)
    clock.advance(await paused_for(runtime, app))
    ears.statuses["one"] = 500
    ears.held.add("one")
    courier = Courier(runtime)
    await courier.take()
    await ears.until(lambda: ears.under_way["one"] == 1)
    asked = await asks_for_a_test(runtime, app)
    ears.held.clear()
    await ears.let_go()
    await courier.finish()
    assert (await endpoint_of(runtime, app)).failures > BREAKER
    assert [one.id for one in await fails_at_once(runtime, ears, app)] == [asked.id]


async def test_active_said_of_one_that_is_active_forgets_its_failures(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await was_down(runtime, ears, clock)
    before = await endpoint_of(runtime, app)

    async def edit(**change: str) -> Endpoint:
        wanted, now = EndpointChange(**change), clock.now()  # type: ignore[arg-type]
        return await runtime.db.write(edit_endpoint, app, before.id, wanted, runtime.targets, now)

    assert (await edit(description="toko")).paused_until == before.paused_until
    after = await edit(status="active")
    assert (after.failures, after.failing_since, after.paused_until) == (0, None, None)
    assert after.listens_from == before.listens_from
    await Courier(runtime).deliver_all()
    assert ears.heard["one"] > 0


async def test_active_said_of_one_that_is_active_clears_the_alert_of_its_failures(
    runtime: Runtime, ears: Ears, clock: HandClock
) -> None:
    app = await registered(runtime, ears.url("one"))
    ears.statuses["one"] = 500
    await happens(runtime, app)
    for _ in range(TOLD_AFTER):
        await Courier(runtime).deliver_all()
        clock.advance(timedelta(hours=4))

    async def kinds() -> list[str]:
        return await runtime.db.read(lambda tx: [one.kind for one in tx.all(OPEN_ALERTS)])

    assert await kinds() == ["delivery_failing"]
    endpoint, change = await endpoint_of(runtime, app), EndpointChange(status="active")
    await runtime.db.write(edit_endpoint, app, endpoint.id, change, runtime.targets, clock.now())
    assert await kinds() == []
