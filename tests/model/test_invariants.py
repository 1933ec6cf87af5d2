"""Each invariant finds the bug that was planted for it, in a database that was good before."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from payment_service.actions.check_invariants import NAMES, SOUND
from payment_service.kit.database import open_database, sqlite_path
from payment_service.kit.postgres import PostgresTransaction
from payment_service.kit.sqlite_connection import DRIVER, connect
from payment_service.kit.sqlite_transaction import DIALECT, SQLiteTransaction
from payment_service.kit.statements import Statement, Transaction
from payment_service.migrations import migrate
from payment_service.model.invariant.every import INVARIANTS
from tests.invariants import breaches_in
from tests.model.mutants import MUTANTS, Damage
from tests.simulation.story_of_all import everything_happens
from tests.simulation.world import World

SEARCHES = {one.name: one.breaches for one in INVARIANTS}
APPEND_ONLY = ("audit_entries", "credit_entries", "payments", "reviews")


def fill(url: str) -> None:
    async def live() -> None:
        world = World(open_database(url))
        await everything_happens(world)
        await world.runtime.close()

    asyncio.run(live())


@pytest.fixture(scope="module")
def good_sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('good')}/good.sqlite3"
    migrate(url)
    fill(url)
    return url


@pytest.fixture(scope="module")
def good_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    with request.getfixturevalue("postgres").fresh_database() as url:
        fill(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def good_database(request: pytest.FixtureRequest) -> str:
    """In which everything has happened, and nothing is wrong. Not to be changed for good."""
    name = {"sqlite": "good_sqlite", "postgresql": "good_postgres"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@contextmanager
def defenseless(url: str) -> Iterator[Transaction]:
    """A transaction in which no trigger refuses, and of which nothing stays."""
    if url.startswith("sqlite"):
        with closing(connect(sqlite_path(url))) as connection:  # which rolls back
            connection.execute("BEGIN")
            triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
            for (name,) in connection.execute(triggers).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            yield SQLiteTransaction(connection)
        return
    with closing(psycopg.connect(url)) as session:
        for name in APPEND_ONLY:
            session.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield PostgresTransaction(session)


def test_nothing_is_wrong_before(good_database: str) -> None:
    assert breaches_in(good_database) == []


@pytest.mark.parametrize(
    ("name", "damage"), MUTANTS, ids=[f"{place}-{name}" for place, (name, _) in enumerate(MUTANTS)]
)
def test_each_invariant_finds_what_breaks_it(good_database: str, name: str, damage: Damage) -> None:
    with defenseless(good_database) as tx:
        assert SEARCHES[name](tx) == []
        damage(tx)
        breaches = SEARCHES[name](tx)
        assert 1 <= len(breaches) <= 100
        assert {breach.invariant for breach in breaches} == {name}
        assert all(breach.subject_id and "{" not in breach.sentence for breach in breaches)


class Recorder:
    """Keeps the statements of a search instead of running them."""

    def __init__(self) -> None:
        self.seen: list[Statement[Any]] = []

    def all(self, statement: Statement[Any], /, **_: Any) -> list[Any]:
        self.seen.append(statement)
        return []

    def one(self, statement: Statement[Any], /, **_: Any) -> None:
        self.seen.append(statement)


@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_goes_through_one_table_for_each_row_of_another(
    good_sqlite: str, name: str
) -> None:
    """On a million subscriptions it would never end; through each table once takes minutes."""
    recorder = Recorder()
    SEARCHES[name](recorder)  # type: ignore[arg-type]
    with closing(connect(sqlite_path(good_sqlite))) as connection:
        for statement in recorder.seen:
            sql = statement.compiled(DIALECT).sql
            explained = f"EXPLAIN QUERY PLAN {sql}"
            plan = connection.execute(explained, [None] * sql.count("?")).fetchall()
            assert nested_scans(plan) == [], plan


def nested_scans(plan: list[Any]) -> list[list[str]]:
    scans: dict[int, list[str]] = {}
    for _, parent, _, step in plan:
        if step.startswith("SCAN") and "CONSTANT ROW" not in step:
            scans.setdefault(parent, []).append(step)
    # Counters and apps are a handful of rows, whatever is looked up for each of them.
    return [
        steps
        for steps in scans.values()
        if len([step for step in steps if step.split()[1] not in ("apps", "invoice_counters")]) > 1
    ]


def test_every_invariant_has_its_planted_bug() -> None:
    assert {name for name, _ in MUTANTS} | {SOUND} == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_a_reference_that_leads_nowhere_is_found(good_sqlite: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    shutil.copyfile(sqlite_path(good_sqlite), copy)
    connection = DRIVER.connect(str(copy), isolation_level=None)
    connection.execute("UPDATE charges SET invoice_id = 'inv_gone'")
    connection.close()
    found = {breach.sentence for breach in breaches_in(f"sqlite:///{copy}")}
    assert any("charges names a row of invoices that is not there" in one for one in found)
