"""The history of a subscription tells everything, once, newest first, page by page."""

from datetime import timedelta

from payment_service.actions.extend_subscription import extend_subscription
from payment_service.kit.database import Database
from payment_service.model.audit import By
from payment_service.model.history import History, HistoryEntry, Place, history
from tests.simulation.story_of_all import PLANS, code_of, days_pass, pays, subscribes
from tests.simulation.world import World


async def lived(database: Database) -> tuple[World, str]:
    world = World(database)
    await world.begin({}, PLANS)
    await subscribes(world, "lain")
    budi = await subscribes(world, "budi")
    await buys(world, budi)
    await days_pass(world, 26)
    await buys(world, budi)
    await world.db.write(
        extend_subscription, world.runtime.links, world.app_id, budi, days=3,
        by=By("command line", "amends", world.clock.now()), now=world.clock.now(),
    )  # fmt: skip
    return world, budi


async def buys(world: World, subscription_id: str) -> None:
    world.clock.advance(timedelta(minutes=1))
    charge_id = await code_of(world, subscription_id)
    world.clock.advance(timedelta(minutes=1))
    await pays(world, charge_id)
    world.clock.advance(timedelta(minutes=1))


async def test_everything_is_told_once_and_newest_first(database: Database) -> None:
    _, budi = await lived(database)
    found: History = await database.read(history, budi)
    assert found.following is None
    instants = [one.at for one in found.entries]
    assert instants == sorted(instants, reverse=True)
    told = [(one.kind, one.what) for one in reversed(found.entries)]
    # What happened at one instant stands together; codes and money before what was told of them.
    assert told == [
        ("event", "subscription.created"),
        ("event", "invoice.issued"),
        ("code", "paid"),
        ("payment", "settled"),
        ("event", "invoice.paid"),
        ("event", "subscription.activated"),
        ("event", "invoice.issued"),
        *[("event", "invoice.reminder")] * 1,
        ("code", "paid"),
        ("payment", "settled"),
        ("event", "invoice.paid"),
        ("event", "subscription.renewed"),
        ("deed", "subscription.extend"),
        ("event", "subscription.updated"),
    ]
    assert [one.text for one in found.entries if one.kind == "deed"] == ["amends"]
    assert all(
        [one.status for one in found.deliveries[entry.id]] == ["queued"]
        for entry in found.entries
        if entry.kind == "event"
    )


async def test_pages_follow_one_another_without_gap_or_repetition(database: Database) -> None:
    _, budi = await lived(database)
    whole = (await database.read(history, budi)).entries
    pages: list[HistoryEntry] = []
    place: Place | None = Place()
    while place is not None:
        page = await database.read(history, budi, place, 3)
        assert len(page.entries) <= 3
        pages += page.entries
        place = page.following
    assert pages == list(whole)


async def test_a_page_stands_still_while_more_happens(database: Database) -> None:
    world, budi = await lived(database)
    first = await database.read(history, budi, None, 5)
    before = (await database.read(history, budi, first.following, 5)).entries
    world.clock.advance(timedelta(days=1))
    await code_of(world, await subscribes(world, "baru"))
    assert (await database.read(history, budi, first.following, 5)).entries == before
