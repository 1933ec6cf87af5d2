"""Fourteen kinds of gateway fault in many seeds: no payment is lost, none counts twice.

The seeds of a kind live side by side in one world, whose gateways draw from the first of them how
their answers look. `FAULT_SEED` of the run replays the world; a later seed alone, with
`FAULT_COUNT=1`, lives the same story and may meet answers that look otherwise.
"""

from pathlib import Path

import pytest

from tests.counts import times
from tests.faults.kinds import KINDS
from tests.faults.seeded import Seeded
from tests.faults.world import world_of
from tests.invariants import check_invariants
from tests.seeds import seeds

SEEDS = seeds(times(20, 500, push=100))
ENOUGH = 0.8
"""The share of the seeds in which a fault must come true, or the test shows nothing."""


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.timeout(900)
async def test_each_payment_counts_once_whatever_the_gateway_does(
    name: str, database_url: str, tmp_path: Path
) -> None:
    kind = KINDS[name]
    async with world_of(kind, database_url, tmp_path, SEEDS[0]) as world:
        lived = [Seeded(number, world.lanes) for number in SEEDS]
        await world.live(kind, lived)
        await world.check(lived)
    check_invariants(database_url)
    fired = sum(seed.fired > 0 for seed in lived)
    print(f"{name}: fired in {fired} of {len(SEEDS)}")  # noqa: T201 - a figure
    assert fired >= ENOUGH * len(SEEDS), f"{name} fired in {fired} of {len(SEEDS)} seeds"
