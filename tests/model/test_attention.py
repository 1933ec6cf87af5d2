"""What needs the owner stands in one list, each thing once, the oldest first, with where to go."""

from datetime import timedelta

from sqlalchemy import update

from payment_service.kit.database import Database
from payment_service.kit.statements import Transaction, command, param
from payment_service.model.alert import raise_alert
from payment_service.model.attention import Matters, attention
from payment_service.model.endpoint import endpoints
from tests.simulation.story_of_all import PLANS, code_of, pays, subscribes
from tests.simulation.world import World

FAIL = command(update(endpoints).values(failing_since=param("now"), failures=param("times")))


async def needs(world: World, app_id: str | None = None) -> Matters:
    return await world.db.read(attention, world.clock.now(), app_id)


async def begun(database: Database) -> World:
    world = World(database)
    await world.begin({}, PLANS)
    return world


async def test_nothing_needs_anybody_at_first(database: Database) -> None:
    assert await needs(await begun(database)) == Matters([], 0)


async def test_money_in_doubt_stands_once_with_what_is_known_of_it(database: Database) -> None:
    world = await begun(database)
    subscription = await subscribes(world, "ragu")
    await pays(world, await code_of(world, subscription), amount=77_000)
    (matter,) = (await needs(world)).shown
    assert (matter.kind, matter.go_to, matter.amount) == ("amount_differs", "review", 77_000)
    assert (matter.customer, matter.app_id) == ("ragu", world.app_id)
    assert matter.subject_id.startswith("pay_")


async def test_alerts_lead_to_what_they_are_about(database: Database) -> None:
    world = await begun(database)

    def raised(tx: Transaction) -> None:
        subjects = ("suspensions_held", world.app_id), ("billing_failed", "sub_1"), (
            "code_refused", "chg_1"), ("endpoint_off", "ep_1")  # fmt: skip
        for place, (kind, subject) in enumerate(subjects):
            raise_alert(
                tx, app_id=world.app_id, kind=kind, subject_id=subject, message="m",  # type: ignore[arg-type]
                now=world.clock.now() + timedelta(minutes=place),
            )  # fmt: skip

    await world.db.write(raised)
    found = await needs(world)
    assert [(one.kind, one.go_to) for one in found.shown] == [
        ("suspensions_held", "app"),
        ("billing_failed", "subscription"),
        ("code_refused", "charge"),
        ("endpoint_off", "endpoint"),
    ]
    assert found.total == 4
    assert all(one.alert_id and not one.is_seen for one in found.shown)
    assert (await needs(world, "app_other")).total == 0


async def test_an_endpoint_that_fails_again_and_again_is_told_before_it_is_given_up(
    database: Database,
) -> None:
    world = await begun(database)
    now = world.clock.now()
    await world.db.write(lambda tx: tx.run(FAIL, now=now, times=2))
    assert (await needs(world)).total == 0
    await world.db.write(lambda tx: tx.run(FAIL, now=now, times=3))
    (matter,) = (await needs(world)).shown
    assert (matter.kind, matter.go_to, matter.since) == ("endpoint_failing", "endpoint", now)
    assert matter.text == "https://app.example.com/hooks"
