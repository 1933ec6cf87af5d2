"""A network on which anything may go wrong, in many seeds, between app, service, gateway and
webhook: what was asked once is done once, money counts once, and every event is heard.

`FAULT_SEED` and `FAULT_COUNT` replay the seed that a failure names.
"""

from collections import Counter
from pathlib import Path

import pytest

from tests.counts import times
from tests.faults.network import network_of
from tests.faults.way import KINDS
from tests.invariants import check_invariants
from tests.seeds import replayed, seeds

AT_ONCE = 50
SEEDS = seeds(times(10, 10_000, push=300))
ON_POSTGRESQL = seeds(times(4, 1_000, push=50))


@pytest.mark.timeout(7200)
async def test_everything_happens_once_whatever_the_network_does(
    database_url: str, tmp_path: Path
) -> None:
    numbers = SEEDS if database_url.startswith("sqlite") else ON_POSTGRESQL
    fired: Counter[str] = Counter()
    went_wrong = 0
    for start in range(0, len(numbers), AT_ONCE):
        async with network_of(database_url, tmp_path, numbers[start : start + AT_ONCE]) as world:
            await world.lives()
            for journey in world.journeys:
                with replayed(journey.number):
                    world.check(journey)
                went_wrong += journey.fired().total() > 0
                fired.update(journey.fired())
            await world.check_gateway()
        check_invariants(database_url)
    print(f"fired in {went_wrong} of {len(numbers)} seeds: {fired}")  # noqa: T201 - a figure
    if len(numbers) >= 10:
        assert went_wrong > len(numbers) / 2
    if len(numbers) >= 200:
        assert set(fired) == {*KINDS, "certificate"}
