"""Fourteen kinds of gateway fault in many seeds: no payment is lost, none counts twice.

`FAULT_SEED` and `FAULT_COUNT` replay: the seed that a failure names, and 1.
"""

import os
from pathlib import Path

import pytest

from tests.counts import times
from tests.faults.kinds import KINDS
from tests.faults.seeded import Seeded
from tests.faults.world import world_of
from tests.invariants import check_invariants

SEED = int(os.environ["FAULT_SEED"])
COUNT = int(os.environ.get("FAULT_COUNT") or times(50, 500))
ENOUGH = 0.8
"""The share of the seeds in which a fault must come true, or the test shows nothing."""


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.timeout(900)
async def test_each_payment_counts_once_whatever_the_gateway_does(
    name: str, database_url: str, tmp_path: Path
) -> None:
    kind = KINDS[name]
    replay = f"FAULT_SEED={SEED} FAULT_COUNT={COUNT} pytest tests/faults -k {name}"
    print(f"{name}: {COUNT} seeds from {SEED}; again: {replay}")  # noqa: T201 - to replay it
    async with world_of(kind, database_url, tmp_path, SEED) as world:
        seeds = [Seeded(SEED + place, world.lanes) for place in range(COUNT)]
        await world.live(kind, seeds)
        await world.check(seeds)
    check_invariants(database_url)
    fired = sum(seed.fired > 0 for seed in seeds)
    print(f"{name}: fired in {fired} of {COUNT}")  # noqa: T201 - a figure
    assert fired >= ENOUGH * COUNT, f"{name} fired in {fired} of {COUNT} seeds"
