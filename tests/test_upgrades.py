"""An upgrade of any earlier schema, killed wherever: old or new, never between, and no row is lost.

`FAULT_SEED` replays: the seed that a failure names.
"""

import shutil
import signal
import time
from pathlib import Path
from random import Random

import pytest

from payment_service.migrations import migrate
from tests.clocks import HandClock
from tests.counts import times
from tests.databases import PostgresServer
from tests.dying import dies
from tests.earlier import EARLIER, Clone, Rows, contents, fill, lost, upgrade_and_die, upgraded
from tests.every_table import Filled
from tests.invariants import breaches_in
from tests.scenarios.conftest import told_story
from tests.seeds import SEED
from tests.test_migrations import schema_of
from tests.web.dashboard.people import quick_passwords

KILLS = times(1, 50, push=2)
"""Of each upgrade: of three two at a boundary between statements, one at any moment."""
ON_POSTGRESQL = times(2, len(EARLIER), push=len(EARLIER))
"""Of the earlier schemas; the statements are the same."""
PATIENCE = times(300, 3600)
BY_DAY = "daily_standings"
"""Its rows say the day of the upgrade."""
TOLD_SINCE = {
    "a_payment_is_settled_credited_or_in_review": "0002",
    "a_question_is_asked": "0002",
    "a_reminder_goes_out_once": "0003",
    "a_kept_answer_is_whole": "0005",
    "the_audit_chain_is_whole": "0009",
}
"""Of these rows it holds since that schema, which has all that they say: they are of the newest."""


@pytest.fixture
async def filled(sqlite_url: str, clock: HandClock, tmp_path: Path) -> str:
    """A file with rows in every table."""
    url = sqlite_url.replace("test.sqlite3", "filled.sqlite3")
    async with told_story(url, clock, tmp_path, passwords=quick_passwords()) as story:
        await Filled(story).fill()
    return url


class Upgrade:
    """Of one earlier schema: what it is before, and what it comes to when nothing happens."""

    def __init__(self, old: str, clone: Clone, revision: str) -> None:
        self.old, self.clone, self.revision = old, clone, revision
        self.schema, self.rows = schema_of(old), contents(old)
        done = clone(old, f"done{revision}")
        began = time.monotonic()
        code, self.boundaries = dies(-1, upgrade_and_die, done)
        self.seconds = time.monotonic() - began
        assert code == 0
        self.new_schema, self.new_rows = schema_of(done), without_days(contents(done))
        assert list(lost(self.rows, contents(done))) == [], revision
        self.breaches = {one.invariant for one in breaches_in(done)}

    def is_killed(self, rng: Random) -> None:
        """At boundaries, and at moments between them; each time the next start finishes it."""
        for number in range(KILLS):
            url = self.clone(self.old, f"killed{self.revision}_{number}")
            if rng.random() < 2 / 3:
                at = rng.randint(0, self.boundaries)
                assert dies(at, upgrade_and_die, url)[0] == -signal.SIGKILL, f"boundary {at}"
                self.is_old_or_new(url, f"boundary {at}", is_new=at == self.boundaries)
            else:
                seconds = rng.uniform(0, self.seconds)
                dies(-1, upgrade_and_die, url, after=seconds)
                self.is_old_or_new(url, f"after {seconds} s")

    def is_old_or_new(self, url: str, when: str, *, is_new: bool | None = None) -> None:
        replay = f"{self.revision}, {when}, FAULT_SEED={SEED}"
        schema, rows = schema_of(url), contents(url)
        if is_new is None:
            is_new = schema == self.new_schema
        if is_new:
            assert (schema, without_days(rows)) == (self.new_schema, self.new_rows), replay
        else:
            assert (schema, rows) == (self.schema, self.rows), replay
        migrate(url)
        after = schema_of(url), without_days(contents(url))
        assert after == (self.new_schema, self.new_rows), replay


def without_days(rows: Rows) -> Rows:
    return {name: found for name, found in rows.items() if name != BY_DAY}


def is_upgraded(old: str, clone: Clone, revision: str) -> None:
    upgrade = Upgrade(old, clone, revision)
    assert upgrade.breaches <= {name for name, since in TOLD_SINCE.items() if revision < since}
    upgrade.is_killed(Random(f"{SEED} {revision}"))


@pytest.mark.timeout(PATIENCE)
def test_on_sqlite_every_earlier_schema_is_upgraded_whole_or_not_at_all(
    filled: str, tmp_path: Path
) -> None:
    def clone(url: str, name: str) -> str:
        shutil.copyfile(url.removeprefix("sqlite:///"), tmp_path / f"{name}.sqlite3")
        return f"sqlite:///{tmp_path}/{name}.sqlite3"

    empty = f"sqlite:///{tmp_path}/empty.sqlite3"
    for revision in EARLIER:
        upgraded(empty, revision)
        old = clone(empty, f"old{revision}")
        fill(filled, old)
        is_upgraded(old, clone, revision)


@pytest.mark.timeout(PATIENCE)
def test_on_postgresql_too(filled: str, postgres: PostgresServer) -> None:
    with postgres.copies() as clone:
        for revision in sorted(Random(SEED).sample(EARLIER, ON_POSTGRESQL)):
            old = clone("", f"old{revision}")
            upgraded(old, revision)
            fill(filled, old)
            is_upgraded(old, clone, revision)
