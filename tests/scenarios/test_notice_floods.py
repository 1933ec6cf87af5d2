"""Floods at the notice door: forged orders and guessed secrets cost nothing but their count."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select

from payment_service.actions.register_app import Registration
from payment_service.migrations.upgrade import connected
from payment_service.model.alert import alerts
from payment_service.model.notice import notice_tallies, unknown_notices
from tests.clocks import HandClock
from tests.invariants import row_counts
from tests.service import running_service
from tests.story import App, Story, register


def tallied(database_url: str) -> list[Any]:
    with connected(database_url) as connection:
        ordered = select(notice_tallies).order_by(notice_tallies.c.app_id, notice_tallies.c.day)
        return list(connection.execute(ordered).all())


def bodies_kept(database_url: str) -> int:
    with connected(database_url) as connection:
        return connection.scalar(select(func.count()).select_from(unknown_notices)) or 0


def alerts_ever(database_url: str) -> list[tuple[str, str | None]]:
    with connected(database_url) as connection:
        found = connection.execute(select(alerts.c.kind, alerts.c.subject_id))
        return [(row.kind, row.subject_id) for row in found]


async def forge(story: Story, places: range) -> None:
    """Whoever has the secret names orders that are none."""

    async def one(place: int) -> None:
        forged = {"order_id": f"chg_{place}", "txn_id": f"txn_{place}", "status": "completed"}
        assert (await story.notice_comes(forged)).status == 200

    await asyncio.gather(*(one(place) for place in places))


async def guess(app: App, times: int = 1, *, write: bool = True) -> None:
    for _ in range(times):
        headers = {"X-Secret": "salah"}
        forged = msgspec.json.encode({"order_id": "chg_1"})
        answer = await app.service.ask("POST", app.notice_path, data=forged, headers=headers)
        assert (answer.status, answer.json["code"]) == (401, "wrong_secret")
    if write:
        await app.service.rest()


async def test_of_a_flood_for_unknown_orders_all_are_counted_and_a_thousand_kept(
    story: Story, database_url: str
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.asks_for_code()
    story.pakasir.calls.clear()
    before = row_counts(database_url)
    await forge(story, range(600))
    assert bodies_kept(database_url) == 600
    await forge(story, range(600, 1_200))
    assert bodies_kept(database_url) == 1_000
    assert [row.unknown for row in tallied(database_url)] == [1_200]
    await story.minutes_pass(1)
    assert not story.pakasir.calls
    grown = {"unknown_notices": 1_000, "notice_tallies": 1}
    assert row_counts(database_url) == before | grown


async def test_the_next_local_day_keeps_its_own_thousand(story: Story, database_url: str) -> None:
    story.clock.set(datetime(2026, 1, 31, 16, 59, tzinfo=UTC))
    await story.app()
    await forge(story, range(1_005))
    story.clock.advance(timedelta(minutes=1))  # midnight in Jakarta
    await forge(story, range(5))
    assert bodies_kept(database_url) == 1_005
    days = [(row.day, row.unknown) for row in tallied(database_url)]
    assert days == [(date(2026, 1, 31), 1_005), (date(2026, 2, 1), 5)]


async def test_a_body_is_kept_as_it_came_except_what_no_text_can_hold(
    story: Story, database_url: str
) -> None:
    await story.app()
    bodies = (b'{"order_id": "chg_1",  "x": 1e999}', b'{"order_id":"a","x":"\xff"}')
    for body in bodies:
        await story.notice_comes(body)
    with connected(database_url) as connection:
        texts = connection.scalars(select(unknown_notices.c.body).order_by(unknown_notices.c.id))
        assert sorted(texts) == sorted(body.decode(errors="replace") for body in bodies)


async def test_who_has_not_the_secret_fills_nothing(story: Story, database_url: str) -> None:
    app = await story.app()
    before = row_counts(database_url)
    await asyncio.gather(*(guess(app, write=False) for _ in range(200)))
    await story.service.rest()
    assert row_counts(database_url) == before | {"notice_tallies": 1, "alerts": 1}
    assert [row.wrong_secret for row in tallied(database_url)] == [200]


async def test_three_wrong_secrets_in_ten_minutes_alert_once(
    story: Story, database_url: str
) -> None:
    app = await story.app()
    await guess(app)
    story.clock.advance(timedelta(minutes=5))
    await guess(app)
    assert await story.alerts() == []
    story.clock.advance(timedelta(minutes=5))
    await guess(app)
    await guess(app, 5)
    assert alerts_ever(database_url) == [("wrong_secret", app.id)]


async def test_three_wrong_secrets_in_eleven_minutes_are_no_alert(
    story: Story, database_url: str
) -> None:
    app = await story.app()
    for _ in range(5):
        await guess(app)
        story.clock.advance(timedelta(minutes=5, seconds=30))
    assert await story.alerts() == []
    assert [row.wrong_secret for row in tallied(database_url)] == [5]


async def test_two_apps_wrong_secrets_do_not_add_up(story: Story) -> None:
    app, other = await story.app(), await story.app(name="Other", simulated=True)
    await guess(app, 2)
    await guess(other, 2)
    assert await story.alerts() == []


async def test_whoever_guesses_over_local_midnight_is_counted_once(
    story: Story, database_url: str
) -> None:
    story.clock.set(datetime(2026, 1, 31, 16, 56, tzinfo=UTC))  # 23:56 in Jakarta
    app = await story.app()
    await guess(app, 2)
    assert await story.alerts() == []
    story.clock.advance(timedelta(minutes=5))
    await guess(app)
    assert await story.alerts() == ["wrong_secret"]
    assert [row.wrong_secret for row in tallied(database_url)] == [2, 1]


async def test_an_alert_that_was_cleared_comes_back_only_with_a_new_guess(
    story: Story, database_url: str
) -> None:
    app = await story.app()
    await guess(app, 3)
    with connected(database_url) as connection:
        connection.execute(alerts.update().values(cleared_at=story.clock.now()))
        connection.commit()
    await forge(story, range(3))
    assert await story.alerts() == []
    await guess(app)
    assert await story.alerts() == ["wrong_secret"]


async def test_two_processes_count_together(database_url: str, clock: HandClock) -> None:
    async with (
        running_service(database_url, clock) as one,
        running_service(database_url, clock) as two,
    ):
        app = await register(one, Registration(name="BukuBengkel", mode="test"))
        there = App(two, app.id, app.api_key, app.webhook_secret)
        await asyncio.gather(guess(app, 2, write=False), guess(there, write=False))
        await asyncio.gather(one.rest(), two.rest())
        assert alerts_ever(database_url) == [("wrong_secret", app.id)]
        await asyncio.gather(*(guess(each, 20) for each in (app, there)))
    assert [row.wrong_secret for row in tallied(database_url)] == [43]
    assert alerts_ever(database_url) == [("wrong_secret", app.id)]


async def test_what_was_counted_is_written_when_the_process_ends(
    database_url: str, clock: HandClock
) -> None:
    async with running_service(database_url, clock) as service:
        app = await register(service, Registration(name="BukuBengkel", mode="test"))
        await guess(app, 7, write=False)
    assert [row.wrong_secret for row in tallied(database_url)] == [7]
