"""What the app is told when its endpoint fails, is gone, or lies where nobody may call."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from payment_service.model.endpoint_health import RETRY_AFTER
from tests.clocks import HandClock
from tests.outside.parties import Receiver
from tests.service import running_service
from tests.story import App, Story


async def endpoint_of(app: App) -> str:
    """The path of its first endpoint."""
    (only,) = (await app.asks("GET", "/v1/webhook-endpoints")).json["data"]
    return f"/v1/webhook-endpoints/{only['id']}"


async def deliveries(app: App) -> list[dict[str, Any]]:
    found = await app.asks("GET", f"{await endpoint_of(app)}/deliveries?limit=100")
    data: list[dict[str, Any]] = found.json["data"]
    return data


async def test_what_failed_is_sent_again_until_it_is_heard(story: Story) -> None:
    await story.app()
    story.the_app_fails(4)
    await story.subscribe("Bengkel Jaya", "gratis")
    first = await story.heard()
    assert len(first) == 2
    assert len(await story.heard()) == 2  # not before its time
    story.clock.advance(timedelta(seconds=7))
    await story.heard()
    story.clock.advance(timedelta(minutes=7))
    attempts = await story.heard()
    assert len(attempts) == 6
    by_id: dict[str, set[bytes]] = {}
    for attempt in attempts:
        by_id.setdefault(attempt.id, set()).add(attempt.body)
    assert len(by_id) == 2
    assert all(len(bodies) == 1 for bodies in by_id.values())
    story.clock.advance(timedelta(days=2))
    assert len(await story.heard()) == 6


async def test_each_attempt_is_signed_at_its_own_time(story: Story) -> None:
    await story.app()
    story.the_app_fails(1)
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.heard()
    began = story.clock.now()
    again = story.clock.advance(timedelta(seconds=7))
    await story.heard()
    stamps = {int(one.headers["webhook-timestamp"]) for one in story.receiver.heard}
    assert stamps == {int(began.timestamp()), int(again.timestamp())}


async def test_an_app_that_asks_for_more_time_gets_it(story: Story) -> None:
    await story.app()
    story.the_app_fails(2, 503, Retry_After="3600")
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.heard()
    story.clock.advance(timedelta(minutes=59))
    assert len(await story.heard()) == 2
    story.clock.advance(timedelta(minutes=1))
    assert len(await story.heard()) == 4


async def test_gone_turns_the_endpoint_off(story: Story) -> None:
    await story.app()
    story.the_app_fails(2, 410)
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    assert len(await story.heard()) == 2
    await tenant.pays(await tenant.asks_for_code())
    story.clock.advance(timedelta(days=4))
    assert len(await story.heard()) == 2
    assert "endpoint_off" in await story.alerts()


async def test_what_was_never_heard_is_given_up_with_an_alert(story: Story) -> None:
    """Ten attempts at the published times, and the owner hears of the fourth and of the last."""
    app = await story.app()
    await app.asks("PATCH", await endpoint_of(app), {"types": ["subscription.activated"]})
    story.the_app_fails(100)
    began = story.clock.now()
    await story.subscribe("Bengkel Jaya", "gratis")
    told = []
    while True:
        await story.service.deliver()
        told.append(await story.alerts())
        (delivery,) = (await app.asks("GET", f"{await endpoint_of(app)}/deliveries")).json["data"]
        if delivery["next_attempt_at"] is None:
            break
        story.clock.set(datetime.fromisoformat(delivery["next_attempt_at"]))
    assert (delivery["status"], delivery["attempt_count"]) == ("failed", 10)
    assert told == [[]] * 3 + [["delivery_failing"]] * 6 + [["delivery_failed"]]
    assert timedelta(hours=60) < story.clock.now() - began < timedelta(hours=91)
    attempts = (await app.asks("GET", f"/v1/deliveries/{delivery['id']}")).json["attempts"]
    at = [datetime.fromisoformat(one["at"]) for one in reversed(attempts)]
    waits = [(later - sooner).total_seconds() for sooner, later in pairwise(at)]
    assert all(0.8 * due <= wait <= 1.2 * due for wait, due in zip(waits, RETRY_AFTER, strict=True))
    assert len(set(waits)) == len(waits)


async def test_while_the_breaker_is_open_one_message_at_a_time_is_tried(story: Story) -> None:
    app = await story.app()
    story.the_app_fails(100)
    for number in range(20):
        await story.subscribe(f"tenant-{number}", "gratis")
    await story.service.deliver()
    opened = len(story.receiver.heard)
    assert 10 <= opened <= 20  # ten in a row, of which two may be under way together
    for seconds, heard in ((3, 0), (7, 1), (7, 1), (360, 2), (360, 2), (1800, 3)):
        story.clock.advance(timedelta(seconds=seconds))
        await story.service.deliver()
        assert len(story.receiver.heard) == opened + heard, seconds
    endpoint = (await app.asks("GET", await endpoint_of(app))).json
    assert {
        one["next_attempt_at"] >= endpoint["paused_until"]
        for one in await deliveries(app)
        if one["next_attempt_at"] is not None
    } == {True}
    story.receiver.answers.clear()
    story.clock.advance(timedelta(hours=3))
    await story.service.deliver()
    events = {one.headers["webhook-id"] for one in story.receiver.heard}
    assert len(events) == 40
    listed = await app.asks("GET", f"{await endpoint_of(app)}/deliveries?limit=100")
    assert {one["status"] for one in listed.json["data"]} == {"delivered"}
    endpoint = (await app.asks("GET", await endpoint_of(app))).json
    assert (endpoint["failures"], endpoint["paused_until"]) == (0, None)


async def test_a_restart_of_a_healthy_app_makes_no_fresh_event_wait(lone_story: Story) -> None:
    """All that is under way meets it at once, and that is one failure. How much an endpoint bears
    at once is what each process learns for itself."""
    story = lone_story
    app = await story.app()
    for number in range(10):
        await story.subscribe(f"before-{number}", "gratis")
    await story.service.deliver()
    story.the_app_fails(16)
    for number in range(8):
        await story.subscribe(f"during-{number}", "gratis")
    await story.service.deliver()
    endpoint = (await app.asks("GET", await endpoint_of(app))).json
    assert endpoint["failures"] < 10
    assert endpoint["paused_until"] is None
    fresh = await story.subscribe("after", "gratis")
    told = {event.data["id"] for event in await story.heard() if event.type[0] == "s"}
    assert fresh.id in told


async def test_a_test_against_a_broken_handler_makes_no_real_event_wait(story: Story) -> None:
    app = await story.app()
    path = await endpoint_of(app)
    story.the_app_fails(1000)
    for _ in range(14):
        assert (await app.asks("POST", f"{path}/test")).status == 202
        await story.service.deliver()
        story.clock.advance(timedelta(minutes=10))
    await story.service.deliver()
    endpoint = (await app.asks("GET", path)).json
    assert (endpoint["failures"], endpoint["paused_until"]) == (0, None)
    assert await story.alerts() == []
    story.receiver.answers.clear()
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    assert tenant.id in {event.data["id"] for event in await story.heard()}


async def test_what_is_tried_by_hand_at_an_open_breaker_leaves_its_pause(story: Story) -> None:
    app = await story.app()
    path = await endpoint_of(app)
    story.the_app_fails(1000)
    for number in range(20):
        await story.subscribe(f"tenant-{number}", "gratis")
    await story.service.deliver()
    story.clock.advance(timedelta(seconds=7))
    await story.service.deliver()
    before = (await app.asks("GET", path)).json
    assert before["failures"] == 11
    waiting = next(one for one in await deliveries(app) if one["status"] == "retrying")
    for again in (f"{path}/test", f"/v1/deliveries/{waiting['id']}/resend") * 7:
        assert (await app.asks("POST", again)).status == 202
        heard = len(story.receiver.heard)
        await story.service.deliver()
        assert len(story.receiver.heard) == heard + 1
        now = (await app.asks("GET", path)).json
        assert now["failures"] == 11
        paused = [datetime.fromisoformat(one["paused_until"]) for one in (before, now)]
        assert abs(paused[1] - paused[0]) <= timedelta(seconds=120)  # but for the jitter


async def test_an_overloaded_endpoint_has_a_minute_without_any_message(story: Story) -> None:
    await story.app()
    story.the_app_fails(1, 429)
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.service.deliver()
    heard = len(story.receiver.heard)
    assert heard <= 2
    await story.subscribe("Bengkel Maju", "gratis")
    story.clock.advance(timedelta(seconds=59))
    await story.service.deliver()
    assert len(story.receiver.heard) == heard
    story.clock.advance(timedelta(seconds=1))
    assert len({event.id for event in await story.heard()}) == 4


async def test_after_five_days_of_failures_it_is_off_and_what_it_missed_is_sent_again(
    story: Story,
) -> None:
    app = await story.app()
    story.the_app_fails(1000)
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.subscribe("Bengkel Abadi", "gratis")
    began = story.clock.now()
    for _ in range(12):
        story.clock.advance(timedelta(hours=12))
        await story.service.deliver()
    path = await endpoint_of(app)
    off = (await app.asks("GET", path)).json
    assert (off["status"], off["off_reason"]) == ("off", "failing")
    assert await story.alerts() == ["endpoint_off"]
    assert "failing" not in {one["status"] for one in await deliveries(app)}
    await story.subscribe("Bengkel Maju", "gratis")
    story.receiver.answers.clear()
    story.receiver.heard.clear()
    on = (await app.asks("PATCH", path, {"status": "active"})).json
    assert datetime.fromisoformat(on["missed_since"]) - began == timedelta(hours=12)
    assert await story.alerts() == []
    assert await story.heard() == []
    again = await app.asks("POST", f"{path}/resend", {"since": began.isoformat()})
    assert (again.status, again.json["queued"], again.json["status"]) == (202, 6, "done")
    assert len({event.id for event in await story.heard()}) == 6
    assert (await app.asks("GET", path)).json["missed_since"] is None


async def test_a_redirect_is_a_failure_and_is_not_followed(story: Story) -> None:
    await story.app()
    async with Receiver() as elsewhere:
        story.the_app_fails(2, 307, Location=elsewhere.url)
        await story.subscribe("Bengkel Jaya", "gratis")
        assert len(await story.heard()) == 2
        assert elsewhere.heard == []
    story.clock.advance(timedelta(seconds=7))
    assert len(await story.heard()) == 4


async def test_an_address_that_is_no_longer_listed_is_not_connected_to(
    story: Story, database_url: str, clock: HandClock, capsys: pytest.CaptureFixture[str]
) -> None:
    app = await story.app()
    await story.subscribe("Bengkel Jaya", "gratis")
    async with running_service(database_url, clock, targets=()) as unlisted:
        await unlisted.deliver()
    assert story.receiver.heard == []
    said = [line for line in capsys.readouterr().out.splitlines() if "webhook_refused" in line]
    (endpoint,) = (await app.asks("GET", "/v1/webhook-endpoints")).json["data"]
    for line in said:
        assert app.id in line
        assert endpoint["id"] in line
        assert "dlv_" in line
    assert len(said) == 2
    clock.advance(timedelta(seconds=7))
    assert len(await story.heard()) == 2
