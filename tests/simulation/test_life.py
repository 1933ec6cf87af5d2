"""Thousands of random steps in the lives of subscriptions, and nothing that must hold breaks."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from payment_service.kit.database import Database, open_database
from tests.counts import times
from tests.databases import PostgresServer
from tests.simulation.deeds import Deed
from tests.simulation.life import Life
from tests.simulation.memory import MemoryDatabase

STEPS = 50
"""Of one life."""
DEEDS = {
    "subscribe", "cancel", "undo", "change", "code", "early", "money", "suspend", "resume",
    "extend", "move", "void", "mark paid", "refund", "one-off", "price",
    "move price", "forget", "import", "review", "billing run",
}  # fmt: skip
"""What lives are made of. What is tried and always refused tests nothing."""
RARE = times(2, 0, push=0)
"""Deeds that a short run may miss by chance: of 4,000 steps the rarest is four or five."""


def lives(steps: int) -> settings:
    """So many steps in all. What fails is shortened, and printed as Python and as a blob."""
    return settings(
        max_examples=max(1, steps // STEPS),
        stateful_step_count=STEPS,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


ORDINARY = {
    "zone": "Asia/Jakarta", "many_subscriptions": False, "grace_days": 7, "renewal_lead_days": 7,
    "pending_timeout_hours": 72, "cancel_after_days": 60,
}  # fmt: skip
FOUND: dict[str, tuple[dict[str, Any], str, list[Deed]]] = {
    "money that came in time and is found 39 days later": (
        {"renewal_lead_days": 14},
        "payment_day",
        [
            ("subscribe", {"who": "budi", "plan": "sebentar"}),
            ("pay_what_is_open", {"which": 1, "periods": 1, "told": True}),
            ("the_service_sleeps", {"days": 27}),
            ("pay_what_is_open", {"which": 56, "periods": 1, "told": False}),
            ("the_service_sleeps", {"days": 39}),
        ],
    ),
    "a trial that moves to a free plan": (
        {},
        "payment_day",
        [
            ("subscribe", {"who": "sari", "plan": "sebentar"}),
            ("change", {"which": 0, "plan": "gratis", "at": "renewal"}),
            ("days_pass", {"days": 6}),
            ("suspend", {"which": 0}),
            ("resume", {"which": 0}),
        ],
    ),
    "an upgrade out of periods that were paid ahead": (
        {},
        "grace_then_payment_day",
        [
            ("subscribe", {"who": "agus", "plan": "murah"}),
            ("pay_what_is_open", {"which": 0, "periods": 12, "told": True}),
            ("change", {"which": 0, "plan": "bulanan", "at": "now"}),
            ("days_pass", {"days": 10}),
            ("days_pass", {"days": 10}),
            ("days_pass", {"days": 10}),
            ("days_pass", {"days": 10}),
            ("days_pass", {"days": 10}),
        ],
    ),
}
"""Bugs that lives have found: settings that are not ordinary, `late_payment`, and the steps."""


@pytest.mark.parametrize("name", FOUND)
def test_what_lives_have_found_stays_mended(sqlite_template: Path, name: str) -> None:
    class LifeInMemory(Life):
        def open_database(self) -> Database:
            return MemoryDatabase(str(sqlite_template))

    settings, late, steps = FOUND[name]
    life = LifeInMemory()
    try:
        life.begin({**ORDINARY, **settings}, late, [])
        for step in steps:
            life.step(step)
            life.what_must_hold_holds()
    finally:
        life.teardown()


@pytest.mark.timeout(times(600, 6_000))
def test_thousands_of_steps_break_nothing(sqlite_template: Path) -> None:
    done: Counter[str] = Counter()

    class LifeInMemory(Life):
        # What is broken stays broken, and looking takes half the time of a life.
        checks_every = times(5, 1, push=1)

        def open_database(self) -> Database:
            return MemoryDatabase(str(sqlite_template))

        def tell(self) -> None:
            done.update(self.world.done)

    run_state_machine_as_test(LifeInMemory, settings=lives(times(4_000, 100_000, push=10_000)))
    left_out = DEEDS - set(done)
    assert len(left_out) <= RARE, f"never done in all those lives: {left_out}"


@pytest.mark.timeout(times(300, 3_000))
def test_a_part_of_them_on_postgresql(postgres: PostgresServer) -> None:
    class LifeOnPostgres(Life):
        checks_every = 10

        def open_database(self) -> Database:
            self.server = ExitStack()
            return open_database(self.server.enter_context(postgres.fresh_database()))

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.server.close()

    run_state_machine_as_test(LifeOnPostgres, settings=lives(times(120, 2_500, push=250)))
