"""The overview says what the books say, day by day, without adding them up."""

from collections import Counter
from datetime import date, timedelta

import pytest

from payment_service.actions.add_plan import NewPlan
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction, query, rows_of
from payment_service.model.daily_total import monthly
from payment_service.model.invoice import Invoice, invoices
from payment_service.model.overview import Overview, overview
from payment_service.model.subscription import Subscription
from tests.invariants import check_invariants
from tests.simulation.story_of_all import code_of, days_pass, everything_happens, pays, subscribes
from tests.simulation.world import World

EVERY_SUBSCRIPTION = query(rows_of(Subscription), Subscription)
EVERY_PAID_INVOICE = query(rows_of(Invoice).where(invoices.c.status == "paid"), Invoice)
YEARLY = NewPlan(code="tahunan", name="Tahunan", price=990_000, months=12)


async def overview_of(world: World) -> Overview:
    return await world.db.read(overview, "test", world.clock.now())


async def test_the_overview_is_the_sum_of_the_books(database: Database) -> None:
    world = World(database)
    await everything_happens(world)
    shown = await overview_of(world)
    every = await database.read(lambda tx: tx.all(EVERY_SUBSCRIPTION))
    paid = await database.read(lambda tx: tx.all(EVERY_PAID_INVOICE))
    assert shown.total.standing == Counter(one.status for one in every)
    with_months = [(one.status, monthly(one.price, one.months)) for one in every]
    assert shown.total.at_risk == sum(rupiah for status, rupiah in with_months if status == "grace")
    is_counted = ("active", "grace")
    assert shown.total.monthly == sum(one for status, one in with_months if status in is_counted)
    assert shown.total.monthly > 0
    months: Counter[date] = Counter()
    for one in paid:
        assert one.paid_on is not None
        months[one.paid_on.replace(day=1)] += one.total
    assert shown.total.revenue == tuple(months[month] for month in shown.months)
    assert sum(shown.total.revenue) == sum(one.total for one in paid) > 0
    assert len(shown.months) == len(shown.total.monthly_before) == 12
    assert [app.figures for app in shown.apps] == [shown.total]


async def test_what_is_at_risk_goes_from_active_through_grace_to_nothing(
    database: Database,
) -> None:
    world = World(database)
    await world.begin({}, [YEARLY])
    await pays(world, await code_of(world, await subscribes(world, "budi", "tahunan")))
    paid = (await overview_of(world)).total
    assert (paid.monthly, paid.at_risk, paid.due_soon) == (82_500, 0, 0)
    world.clock.advance(timedelta(days=359))  # none of them has anything to do for it
    await days_pass(world, 1)
    assert (await overview_of(world)).total.due_soon == 1
    await days_pass(world, 6)
    grace = (await overview_of(world)).total
    assert (grace.monthly, grace.at_risk, grace.due_soon) == (82_500, 82_500, 0)
    assert grace.standing == {"grace": 1}
    await days_pass(world, 8)
    over = (await overview_of(world)).total
    assert (over.monthly, over.standing) == (0, {"suspended": 1})
    # How it was is still known: a year of it, and nothing now.
    assert over.monthly_before == (82_500,) * 11 + (0,)


async def test_apps_of_the_other_mode_are_not_added(database: Database) -> None:
    world = World(database)
    await everything_happens(world)
    live = await database.read(overview, "live", world.clock.now())
    assert (live.apps, live.total.monthly, live.total.revenue) == ((), 0, (0,) * 12)
    none = await database.read(overview, "test", world.clock.now(), "app_other")
    assert none.apps == ()


async def test_a_clock_that_steps_back_over_midnight_counts_for_the_latest_day(
    database: Database, database_url: str
) -> None:
    world = World(database)
    await world.begin({}, [YEARLY])
    await subscribes(world, "budi", "tahunan")
    world.clock.advance(timedelta(days=-1))
    await subscribes(world, "wati", "tahunan")
    await pays(world, await code_of(world, await subscribes(world, "sari", "tahunan")))
    shown = (await overview_of(world)).total
    assert shown.standing == {"pending": 2, "active": 1}
    check_invariants(database_url)


async def test_what_was_written_and_rolled_back_is_not_counted(
    database: Database, database_url: str
) -> None:
    world = World(database)
    await world.begin({}, [YEARLY])
    app = await world.app()

    def fails(tx: Transaction) -> None:
        who = Subscriber(reference="budi")
        subscribe(tx, app, world.runtime.links, who, "tahunan", None, {}, world.clock.now())
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await database.write(fails)
    await subscribes(world, "wati", "tahunan")
    assert (await overview_of(world)).total.standing == {"pending": 1}
    check_invariants(database_url)


@pytest.mark.parametrize(
    ("price", "months", "each"),
    [(99_000, 1, 99_000), (990_000, 12, 82_500), (100_000, 3, 33_333), (500, 36, 14), (0, 1, 0)],
)
def test_a_month_of_a_subscription_is_a_whole_number_of_rupiah(
    price: int, months: int, each: int
) -> None:
    assert monthly(price, months) == each
