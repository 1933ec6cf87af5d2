"""What every test may ask for: an empty database of either kind, and a clock."""

import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from payment_service.kit.database import Database, open_database
from payment_service.migrations import migrate
from tests.clocks import HandClock
from tests.counts import DRAWN, times
from tests.databases import PostgresServer, memory_folder, postgres_server
from tests.drawn import left_out
from tests.instances import Instances, running_instances
from tests.missing import MARK
from tests.seeds import SEED, again
from tests.several import WEBS, WORKERS

# No deadline, neither for drawing: a slow machine is no bug.
settings.register_profile(
    "house",
    max_examples=times(100, 5_000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL of this test process."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh file with all tables."""
    path = tmp_path / "test.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A fresh PostgreSQL database with all tables."""
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database with all tables, once of each kind."""
    # Asked for by name, so that a run on SQLite alone starts no server.
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with all tables, once of each kind; it must not fail for good."""
    failures: list[str] = []
    database = open_database(database_url, on_fatal=failures.append)
    yield database
    await database.close()
    assert failures == []


@pytest.fixture(scope="session")
def four_processes() -> Iterator[Instances]:
    with running_instances(WEBS + WORKERS) as instances:
        yield instances


@pytest.fixture
def instances(request: pytest.FixtureRequest, database_url: str) -> Instances | None:
    """None on SQLite, which is one process's."""
    if database_url.startswith("sqlite:"):
        return None
    found: Instances = request.getfixturevalue("four_processes")
    return found


def pytest_configure() -> None:
    """The files of this run in memory, where there is room."""
    if memory := memory_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if DRAWN:
        left = left_out(items)
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]


def pytest_collection_finish() -> None:
    """What is here now stays to the end: looked through again and again for garbage, it took a
    fifth of what most tests cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The seed of what is random, and how to run again what failed; and, loudly, what this machine
    could not test."""
    terminalreporter.write_line(f"what is random is from FAULT_SEED={SEED}")
    if DRAWN:
        terminalreporter.write_line(
            "of the tests on PostgreSQL a third was drawn; all of them: PUSH_COUNTS=1 make test"
        )
    for report in terminalreporter.stats.get("failed", []):
        terminalreporter.write_line(f"again: {again(report.nodeid)}")
    for report in terminalreporter.stats.get("skipped", []):
        _, _, reason = report.longrepr
        if MARK in reason:
            terminalreporter.write_line(
                f"!!! {reason.removeprefix('Skipped: ')} ({report.nodeid})", red=True, bold=True
            )
