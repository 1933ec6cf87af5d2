"""What tonight's run will do, told in sums, is what the list of all its steps says."""

from collections import Counter

import pytest

from payment_service.actions.foresee_tonight import Tonight, foresee_tonight
from payment_service.actions.plan_billing import BillingPlan, plan_billing
from payment_service.kit.database import Database
from tests.simulation.story_of_all import days_pass, everything_happens, subscribes
from tests.simulation.world import World


def agree(seen: Tonight, listed: BillingPlan) -> Counter[str]:
    steps: Counter[str] = Counter(one.step for one in listed.steps)
    amounts: Counter[str] = Counter()
    for one in listed.steps:
        amounts[one.step] += one.amount or 0
    ends = [one for one in listed.steps if one.step == "cancel" and one.status == "suspended"]
    sums: dict[str, int] = {one.step: one.count for one in seen.steps}
    sums["cancel"] = sums.get("cancel", 0) + seen.ends_unpaid
    assert {step: count for step, count in sums.items() if count} == steps
    assert seen.ends_unpaid == len(ends)
    assert {one.step: one.amount for one in seen.steps if one.amount} == {
        step: amount for step, amount in amounts.items() if amount
    }
    assert (seen.day, seen.is_held, seen.is_whole) == (listed.day, listed.is_held, True)
    known = {(one.step, one.subscription_id): one for one in listed.steps}
    for summed in seen.steps:
        assert 1 <= len(summed.first) <= min(5, summed.count)
        assert all(known[one.step, one.subscription_id] == one for one in summed.first)
    return steps


@pytest.mark.timeout(240)
async def test_the_sums_of_each_night_are_those_of_the_list(database: Database) -> None:
    world = World(database)
    await everything_happens(world)
    for number in range(7):
        await subscribes(world, f"masa coba {number}", "coba")
    met: Counter[str] = Counter()
    for _ in range(60):
        seen = await foresee_tonight(world.runtime, await world.app())
        met += agree(seen, await plan_billing(world.runtime, await world.app(), seen.day))
        await days_pass(world, 1)
    assert met.keys() >= {"issue", "grace", "suspend", "cancel"}


async def test_once_today_is_done_it_is_tomorrow_that_is_told(database: Database) -> None:
    world = World(database)
    await everything_happens(world)
    await days_pass(world, 1)
    after = await foresee_tonight(world.runtime, await world.app())
    app = await world.app()
    listed = await plan_billing(world.runtime, app)
    assert (after.day - listed.day).days == 1
