"""The nightly money check: once a night, by one process, until it is done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from pydantic import SecretStr
from sqlalchemy import update

from payment_service.actions.check_money_nightly import check_money_nightly
from payment_service.config import Settings, open_runtime
from payment_service.kit.statements import command, param
from payment_service.model.alert import OPEN_ALERTS, Alert
from payment_service.model.app import apps
from payment_service.runtime import Runtime
from tests.actions.checked_shop import Shop, open_shop
from tests.actions.test_check_money import CODE_IS_OVER_98_000
from tests.clocks import HandClock
from tests.service import KEY

NIGHT = date(2026, 2, 1)
TWO_O_CLOCK = datetime(2026, 1, 31, 17, 0, tzinfo=UTC)
"""In Jayapura, on the first of February."""
DAY = timedelta(days=1)
NO_GATEWAY = command(update(apps).where(apps.c.id == param("key")).values(gateway=None))


@pytest.fixture
async def shop(database_url: str, clock: HandClock) -> AsyncIterator[Shop]:
    """In Jayapura; something was sold there on the last of January."""
    async with open_shop(database_url, clock, zone="Asia/Jayapura") as shop:
        await shop.sells("tenant")
        shop.clock.set(TWO_O_CLOCK)
        yield shop


@pytest.fixture
async def other_process(shop: Shop, database_url: str) -> AsyncIterator[Runtime]:
    """On the same database, with a connection of its own."""
    settings = Settings(database_url=database_url, secret_key=SecretStr(KEY))
    runtime = await open_runtime(settings, clock=shop.clock)
    yield msgspec.structs.replace(runtime, gateway_of=shop.runtime.gateway_of)
    await runtime.close()


async def night_is_checked(shop: Shop) -> bool:
    return await check_money_nightly(shop.runtime, pause=shop.pause)


async def alerts(shop: Shop) -> list[Alert]:
    return await shop.runtime.db.read(lambda tx: tx.all(OPEN_ALERTS))


async def test_it_is_made_at_two_and_once(shop: Shop) -> None:
    shop.clock.set(TWO_O_CLOCK - timedelta(seconds=1))
    assert not await night_is_checked(shop)
    shop.clock.set(TWO_O_CLOCK)
    assert await night_is_checked(shop)
    assert not await night_is_checked(shop)
    (kept,) = await shop.checks()
    assert kept.night == NIGHT
    assert (kept.first_day, kept.last_day) == (NIGHT - 2 * DAY, NIGHT - DAY)
    assert (kept.charges, kept.unanswered, kept.exceptions) == (1, 0, ())
    assert kept.finished_at == shop.clock.now()
    assert await alerts(shop) == []


async def test_an_app_without_a_gateway_is_left_out(shop: Shop) -> None:
    shop.clock.set(TWO_O_CLOCK)
    await shop.does(lambda tx: tx.run(NO_GATEWAY, key=shop.app.id))
    assert not await night_is_checked(shop)
    assert await shop.checks() == []


async def test_two_workers_make_it_once(shop: Shop, other_process: Runtime) -> None:
    shop.gateway.open_door.clear()
    both = [
        asyncio.create_task(check_money_nightly(runtime, pause=shop.pause))
        for runtime in (shop.runtime, other_process)
    ]
    await shop.gateway.holds(1)
    done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [False]
    shop.gateway.open_door.set()
    assert sorted(await asyncio.gather(*both)) == [False, True]
    assert shop.gateway.asked.total() == 1
    assert len(await shop.checks()) == 1


async def test_missed_nights_are_made_up_once_and_no_day_is_left_out(shop: Shop) -> None:
    assert await night_is_checked(shop)
    shop.clock.set(TWO_O_CLOCK + 4 * DAY + timedelta(hours=12))
    assert await night_is_checked(shop)
    assert not await night_is_checked(shop)
    first, second = await shop.checks()
    assert second.night == NIGHT + 4 * DAY
    assert (second.first_day, second.last_day) == (first.last_day, NIGHT + 3 * DAY)
    shop.clock.set(TWO_O_CLOCK + 5 * DAY)
    assert await night_is_checked(shop)
    third = (await shop.checks())[2]
    assert (third.first_day, third.last_day) == (NIGHT + 3 * DAY, NIGHT + 4 * DAY)


async def test_a_long_absence_is_made_up_for_a_month_back(shop: Shop) -> None:
    assert await night_is_checked(shop)
    shop.clock.set(TWO_O_CLOCK + 100 * DAY)
    assert await night_is_checked(shop)
    late = (await shop.checks())[1]
    assert late.first_day == NIGHT + 69 * DAY


async def test_what_a_killed_process_left_is_taken_over_after_the_lease(
    shop: Shop, other_process: Runtime
) -> None:
    shop.gateway.open_door.clear()
    killed = asyncio.create_task(night_is_checked(shop))
    await shop.gateway.holds(1)
    killed.cancel()
    with suppress(asyncio.CancelledError):
        await killed
    shop.gateway.open_door.set()
    shop.clock.set(TWO_O_CLOCK + timedelta(minutes=14, seconds=59))
    assert not await check_money_nightly(other_process, pause=shop.pause)
    shop.clock.set(TWO_O_CLOCK + timedelta(minutes=15))
    assert await check_money_nightly(other_process, pause=shop.pause)
    (kept,) = await shop.checks()
    assert (kept.charges, kept.finished_at) == (1, shop.clock.now())
    assert kept.started_at == shop.clock.now()
    assert not await check_money_nightly(other_process, pause=shop.pause)


async def test_who_was_thought_dead_writes_nothing(shop: Shop, other_process: Runtime) -> None:
    shop.gateway.open_door.clear()
    slow = asyncio.create_task(night_is_checked(shop))
    await shop.gateway.holds(1)
    shop.clock.set(TWO_O_CLOCK + timedelta(minutes=15))
    quick = asyncio.create_task(check_money_nightly(other_process, pause=shop.pause))
    await shop.gateway.holds(2)
    shop.gateway.open_door.set()
    assert await quick
    (kept,) = await shop.checks()
    assert await slow
    assert await shop.checks() == [kept]


async def test_what_differs_raises_an_alert_that_says_how_to_see_it(shop: Shop) -> None:
    sold = await shop.sells("another")
    await shop.does(lambda tx: tx.run(CODE_IS_OVER_98_000, key=sold))
    shop.clock.advance(DAY)
    assert await night_is_checked(shop)
    (alert,) = await alerts(shop)
    assert (alert.kind, alert.app_id, alert.subject_id) == (
        "books_differ", shop.app.id, shop.app.id,
    )  # fmt: skip
    assert "1 amount_differs" in alert.message
    assert (
        f"payment-service reconcile --app {shop.app.id} --from 2026-01-31 --to 2026-02-01"
        in alert.message
    )


async def test_an_alert_says_what_differed_last_and_ends_when_nothing_does(shop: Shop) -> None:
    sold = [await shop.sells(name) for name in ("first", "second")]
    await shop.does(lambda tx: tx.run(CODE_IS_OVER_98_000, key=sold[0]))
    shop.clock.set(TWO_O_CLOCK + DAY)
    assert await night_is_checked(shop)
    await shop.does(lambda tx: tx.run(CODE_IS_OVER_98_000, key=sold[1]))
    shop.clock.advance(DAY)
    assert await night_is_checked(shop)
    (alert,) = await alerts(shop)
    assert "2 amount_differs" in alert.message
    assert alert.raised_at == shop.clock.now()
    shop.clock.advance(DAY)
    assert await night_is_checked(shop)  # those days lie behind it
    assert await alerts(shop) == []


async def test_a_night_without_answers_clears_no_alert_and_is_made_up(shop: Shop) -> None:
    sold = await shop.sells("another")
    await shop.does(lambda tx: tx.run(CODE_IS_OVER_98_000, key=sold))
    shop.clock.advance(DAY)
    assert await night_is_checked(shop)
    (before,) = await alerts(shop)
    shop.gateway.is_down = True
    shop.clock.advance(DAY)
    assert await night_is_checked(shop)
    assert await alerts(shop) == [before]
    shop.gateway.is_down = False
    shop.clock.advance(DAY)
    assert await night_is_checked(shop)
    first, silent, third = await shop.checks()
    assert silent.unanswered == 1
    assert third.first_day == first.last_day
