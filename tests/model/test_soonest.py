"""Who is due soonest: both ways, through several apps, and with what few of many fit."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from payment_service.actions.register_app import Registration
from payment_service.kit.statements import query, rows_of
from payment_service.model.page import Span
from payment_service.model.soonest import Key, Sooner, Wanted, soonest
from payment_service.model.subscription import WITH_ACCESS, Status, Subscription
from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.story import Story, register

EVERY = query(rows_of(Subscription), Subscription)


@pytest.fixture
async def story(database_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Story]:
    """Two apps, whose trials end on four days, three on each; one waits to be paid."""
    async with told_story(database_url, clock, tmp_path) as told:
        app = await told.app()
        other = await register(told.service, Registration(name="KasirKita", mode="test"))
        for day in range(4):
            for one, name in ((app, "a"), (other, "b"), (app, "c")):
                assert (await one.subscribes(f"{name}-{day}", "coba")).status == 201
            await told.days_pass(1)
        await app.subscribes("waits", "bulanan")
        await told.days_pass(12)  # of the first some are in grace by now
        yield told


async def pages(story: Story, wanted: dict[str, Wanted], limit: int) -> tuple[list[Key], list[Key]]:
    """The keys forth, and those of the pages back from the last one."""
    db = story.service.runtime.db
    page: Sooner = await db.read(soonest, wanted, limit)
    assert page.sooner_than is None
    forth = _keys(page)
    while page.later_than is not None:
        page = await db.read(soonest, wanted, limit, later_than=page.later_than)
        forth += _keys(page)
    back: list[Key] = []
    while page.sooner_than is not None:
        page = await db.read(soonest, wanted, limit, sooner_than=page.sooner_than)
        back = _keys(page) + back
    return forth, back


def _keys(page: Sooner) -> list[Key]:
    return [(one.subscription.paid_through or date.max, one.subscription.id) for one in page.rows]


async def expected(story: Story, statuses: tuple[Status, ...] = WITH_ACCESS) -> list[Key]:
    every = await story.service.runtime.db.read(lambda tx: tx.all(EVERY))
    return sorted(
        (one.paid_through, one.id) for one in every if one.paid_through and one.status in statuses
    )


@pytest.mark.parametrize("limit", [1, 4, 100])
async def test_all_with_access_come_once_the_soonest_first_both_ways(
    story: Story, limit: int
) -> None:
    every = await expected(story)
    assert len(every) == 12
    assert len({day for day, _ in every}) == 4
    apps = {one.app_id for one in await story.service.runtime.db.read(lambda tx: tx.all(EVERY))}
    forth, back = await pages(story, dict.fromkeys(apps, Wanted()), limit)
    assert forth == every
    assert back == every[: len(back)]
    assert len(back) >= len(every) - limit


async def test_filters_hold_both_ways(story: Story) -> None:
    apps = {one.app_id for one in await story.service.runtime.db.read(lambda tx: tx.all(EVERY))}
    only: tuple[Status, ...] = ("grace",)
    grace = await expected(story, only)
    assert 0 < len(grace) < 12
    wanted = Wanted(statuses=only)
    assert (await pages(story, dict.fromkeys(apps, wanted), 2))[0] == grace
    day = (await expected(story))[5][0]
    wanted = Wanted(days=Span(day, day))
    on_day = [key for key in await expected(story) if key[0] == day]
    assert (await pages(story, dict.fromkeys(apps, wanted), 2))[0] == on_day
    assert (await pages(story, dict.fromkeys(apps, Wanted(plan_id="plan_none")), 2))[0] == []
