"""Daily totals that are wrong or missing come back from the books, whole and with their history."""

from datetime import date

from sqlalchemy import update

from payment_service.actions.rebuild_totals import rebuild_totals
from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction, command
from payment_service.model.app import App
from payment_service.model.daily_rebuild import (
    DROP_REVENUES,
    DROP_STANDINGS,
    Totals,
    corrected,
    totals_kept,
)
from payment_service.model.daily_total import DailyRevenue, DailyStanding, daily_standings
from tests.invariants import check_invariants
from tests.simulation.story_of_all import everything_happens, subscribes
from tests.simulation.world import World

ONE_TOO_MANY = command(
    update(daily_standings).values(subscriptions=daily_standings.c.subscriptions + 1)
)
FIRST, SECOND, THIRD = (date(2027, 3, day) for day in (1, 2, 3))


def lose(tx: Transaction, app: App) -> None:
    tx.run(DROP_REVENUES, app_id=app.id)
    tx.run(DROP_STANDINGS, app_id=app.id)


def in_order(totals: Totals) -> tuple[list[DailyRevenue], list[DailyStanding]]:
    """Without days on which nothing was another than the day before."""
    standings: list[DailyStanding] = []
    for one in sorted(totals.standings, key=lambda one: (one.plan_id, one.status, one.day)):
        key = one.plan_id, one.status
        before = standings[-1] if standings else None
        if before is None or (before.plan_id, before.status) != key:
            if (one.subscriptions, one.monthly) != (0, 0):
                standings.append(one)
        elif (before.subscriptions, before.monthly) != (one.subscriptions, one.monthly):
            standings.append(one)
    return sorted(totals.revenues, key=lambda one: (one.day, one.plan_id)), standings


async def test_what_was_counted_day_by_day_is_what_the_books_say(
    database: Database, database_url: str
) -> None:
    world = World(database)
    await everything_happens(world)
    app = await world.app()
    counted = in_order(await database.read(totals_kept, app))
    await database.write(lose, app)
    assert await rebuild_totals(world.runtime, app) > 0
    assert in_order(await database.read(totals_kept, app)) == counted
    check_invariants(database_url)


async def test_a_wrong_total_is_put_right_and_counting_goes_on(
    database: Database, database_url: str
) -> None:
    world = World(database)
    await everything_happens(world)
    await database.write(lambda tx: tx.run(ONE_TOO_MANY))
    await rebuild_totals(world.runtime, await world.app())
    check_invariants(database_url)
    await subscribes(world, "lagi")
    check_invariants(database_url)
    assert await rebuild_totals(world.runtime, await world.app()) > 0
    check_invariants(database_url)


def standing(day: date, subscriptions: int) -> DailyStanding:
    return DailyStanding("plan", "active", day, subscriptions, 10 * subscriptions)


def revenue(day: date, invoices: int) -> DailyRevenue:
    return DailyRevenue("app", day, "plan", invoices, 100 * invoices)


def test_what_is_counted_while_the_books_are_read_stays_counted() -> None:
    then = Totals([revenue(FIRST, 3)], [standing(FIRST, 5)])
    should = Totals([revenue(FIRST, 2)], [standing(FIRST, 1), standing(SECOND, 4)])
    now = Totals(
        [revenue(FIRST, 4), revenue(THIRD, 1)],
        [standing(FIRST, 5), standing(SECOND, 6), standing(THIRD, 7)],
    )
    assert corrected(now, then, should) == Totals(
        [revenue(FIRST, 3), revenue(THIRD, 1)],
        [standing(FIRST, 1), standing(SECOND, 5), standing(THIRD, 6)],
    )
