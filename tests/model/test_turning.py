"""Pages of a list turn both ways, in one app and through several, and miss and repeat nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.kit.calendar import local_date
from payment_service.kit.database import Database
from payment_service.kit.statements import Statement, Transaction, query, rows_of
from payment_service.model.app import APPS
from payment_service.model.customer import Customer
from payment_service.model.invoice import Invoice
from payment_service.model.invoice_list import InvoiceFilter
from payment_service.model.listed import (
    Listing,
    Shown,
    due_soon,
    list_customers,
    list_invoices,
    list_payments,
    list_subscriptions,
    show,
)
from payment_service.model.overview import overview
from payment_service.model.page import Between, Page, Span
from payment_service.model.payment import Payment
from payment_service.model.payment_list import PaymentFilter
from payment_service.model.subscription import Subscription
from payment_service.model.subscription_list import SubscriptionFilter
from payment_service.model.turning import Turn, merge_newer, merge_older
from tests.simulation.story_of_all import everything_happens
from tests.simulation.world import BOX, TARGETS, World


@pytest.fixture
async def world(database: Database) -> World:
    """With a second app whose things are as old as the first one's."""
    world = World(database)
    await everything_happens(world)
    world.clock.advance(timedelta(days=-70))
    for number in range(6):
        await world.db.write(in_another_app, world, number)
        world.clock.advance(timedelta(days=12))
    return world


def in_another_app(tx: Transaction, world: World, number: int) -> None:
    now = world.clock.now()
    if number == 0:
        register_app(tx, Registration("Lain", "test"), BOX, TARGETS, now)
    (app,) = (one for one in tx.all(APPS) if one.id != world.app_id)
    if number == 0:
        add_plan(tx, app.id, NewPlan("bulanan", "Bulanan", 99_000, 1), now)
    who = Subscriber(f"lain-{number}", name="Lain")
    subscribe(tx, app, world.runtime.links, who, "bulanan", None, {}, now)


async def app_ids(world: World) -> list[str]:
    return [one.id for one in await world.db.read(lambda tx: tx.all(APPS))]


async def there_and_back(world: World, listing: Listing, limit: int) -> list[str]:
    """All ids of a list, after they were found the same both ways."""
    pages: list[Shown] = []
    to: Turn | None = Turn()
    while to is not None:
        pages.append(await world.db.read(show, listing, to, limit))
        older = pages[-1].older_than
        to = Turn(older_than=older) if older else None
    forth = [row[0].id for page in pages for row in page.rows]
    assert all(len(page.rows) == limit for page in pages[:-1])
    assert pages[0].newer_than is None
    back: list[str] = []
    newer = pages[-1].newer_than
    while newer is not None:
        page = await world.db.read(show, listing, Turn(newer_than=newer), limit)
        back = [row[0].id for row in page.rows] + back
        newer = page.newer_than
    assert back == forth[: len(back)]
    assert len(forth) - len(back) == len(pages[-1].rows)
    return forth


async def every(world: World, kind: Any) -> list[Any]:
    statement: Statement[Any] = query(rows_of(kind), kind)
    found = await world.db.read(lambda tx: tx.all(statement))
    return sorted(found, key=lambda one: str(one.id), reverse=True)


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_pages_through_all_apps_are_the_whole_of_each_list(world: World, limit: int) -> None:
    ids = await app_ids(world)
    assert len(ids) == 2
    for listing, kind in (
        (list_subscriptions(dict.fromkeys(ids, SubscriptionFilter())), Subscription),
        (list_invoices(dict.fromkeys(ids, InvoiceFilter())), Invoice),
        (list_payments(dict.fromkeys(ids, PaymentFilter())), Payment),
        (list_customers(ids), Customer),
    ):
        assert await there_and_back(world, listing, limit) == [
            one.id for one in await every(world, kind)
        ]


async def test_filters_hold_both_ways(world: World) -> None:
    ids = await app_ids(world)
    void = list_invoices(dict.fromkeys(ids, InvoiceFilter(statuses=("void", "open"))))
    assert await there_and_back(world, void, 2) == [
        one.id for one in await every(world, Invoice) if one.status in ("void", "open")
    ]
    day = (await every(world, Invoice))[5].due_on
    due = list_invoices(dict.fromkeys(ids, InvoiceFilter(due=Span(date.min, day))))
    assert await there_and_back(world, due, 2) == [
        one.id for one in await every(world, Invoice) if one.due_on <= day
    ]
    wanted = SubscriptionFilter(statuses=["pending"])
    waiting = list_subscriptions(dict.fromkeys(ids, wanted))
    assert await there_and_back(world, waiting, 2) == [
        one.id for one in await every(world, Subscription) if one.status == "pending"
    ]


async def test_a_list_of_one_app_shows_nothing_of_another(world: World) -> None:
    listing = list_customers([world.app_id])
    assert await there_and_back(world, listing, 2) == [
        one.id for one in await every(world, Customer) if one.app_id == world.app_id
    ]


async def test_what_is_due_soon_is_what_the_overview_counts(world: World) -> None:
    counts = set()
    for _ in range(90):
        world.clock.advance(timedelta(days=1))
        shown = await world.db.read(overview, "test", world.clock.now(), world.app_id)
        today = local_date(world.clock.now(), "Asia/Jakarta")
        listing = list_subscriptions({world.app_id: due_soon(today)})
        found = await world.db.read(show, listing, Turn(), 100)
        assert len(found.rows) == shown.total.due_soon
        counts.add(shown.total.due_soon)
    assert len(counts) > 1


async def test_the_first_page_stays_whole_when_it_is_turned_back_to(world: World) -> None:
    listing = list_customers(await app_ids(world))
    first = await world.db.read(show, listing, Turn(), 5)
    third = first.rows[2][0].id
    assert await world.db.read(show, listing, Turn(newer_than=third), 5) == first


async def test_a_list_ends_where_it_is_told_to(world: World) -> None:
    invoices = [one.id for one in await every(world, Invoice)]
    listing = list_invoices(dict.fromkeys(await app_ids(world), InvoiceFilter()))
    within = Between(before=invoices[1], floor=invoices[8])
    page = await world.db.read(show, listing, Turn(within=within), 5)
    assert [row[0].id for row in page.rows] == invoices[2:7]
    page = await world.db.read(show, listing, Turn(page.older_than, within=within), 5)
    assert [row[0].id for row in page.rows] == invoices[7:9]
    assert page.older_than is None
    page = await world.db.read(show, listing, Turn(newer_than=page.newer_than, within=within), 5)
    assert [row[0].id for row in page.rows] == invoices[2:7]
    assert page.newer_than is None


LISTS = st.lists(st.tuples(st.sets(st.integers(0, 40)), st.integers(-20, 40)), max_size=4)


@given(LISTS, st.integers(1, 10))
def test_what_lies_behind_the_end_of_a_page_is_not_passed_over(
    lists: list[tuple[set[int], int]], limit: int
) -> None:
    """Each list is known down to some end, whole where that is below all of it."""
    every: list[int] = []
    pages = []
    for place, (numbers, end) in enumerate(lists):
        ids = [4 * number + place for number in numbers]  # no two lists hold the same thing
        every += ids
        known = sorted((one for one in ids if one >= 4 * end), reverse=True)
        following = 4 * end if end >= 0 else None
        if len(known) > limit:
            known = known[:limit]
            following = known[-1]
        pages.append((known, following))
    found, older = merge_older([page_of(*one) for one in pages], limit)
    shown = [one for one in sorted(every, reverse=True) if older is None or one >= int(older)]
    assert [int(one) for one in found] == shown
    assert len(found) <= limit
    mirror = [
        ([TOP - one for one in known][::-1], None if end is None else TOP - end)
        for known, end in pages
    ]
    back, newer = merge_newer([page_of(*one) for one in mirror], limit)
    assert [TOP - int(one) for one in back][::-1] == shown
    assert newer == (None if older is None else f"{TOP - int(older):03}")


TOP = 500


def page_of(ids: list[int], following: int | None) -> Page:
    return Page([f"{one:03}" for one in ids], None if following is None else f"{following:03}")
