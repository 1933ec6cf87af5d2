"""The benchmark measures all it says, and says so when rows are missing."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.finding import as_json
from bench.load import Progress
from bench.report import Report, percentile
from bench.rows import Expected, mismatches
from bench.run import Counts, run
from msgspec.structs import replace

FEW = Counts(confirm=96, create=64, read=64, bare=33, constant=64, starts=1)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")


@contextmanager
def unseen(_name: str, _steps: int) -> Iterator[Progress]:
    """A stage that shows nothing."""
    yield lambda _done: None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    """One tiny run of everything against a real server."""
    return run(folder, FEW, unseen)


def test_each_scenario_gives_its_figures(report: Report) -> None:
    assert [one.figures.samples for one in report.scenarios] == [96, 64, 64]
    for one in report.scenarios:
        assert one.figures.per_second > 0
        assert 0 < one.figures.p50_ms <= one.figures.p99_ms
    assert 0 < report.rss_mb <= report.peak_mb
    assert report.start_seconds > 0


def test_each_scenario_stands_beside_what_limits_it(report: Report) -> None:
    for one in report.scenarios:
        assert one.bare is not None
        assert one.http is not None
        assert one.wire is not None
        assert [limit.name for limit in one.limits] == ["bare loop", "bare HTTP", "wire"]
        assert one.http.samples == one.wire.samples == 64


def test_the_bare_loop_runs_what_the_server_runs_at_its_batch_size(report: Report) -> None:
    transactions = [one.bare.transactions for one in report.scenarios if one.bare is not None]
    assert transactions == [2, 1, 2]
    for one in (report.confirmation, report.create):
        assert one.bare is not None
        assert one.bare.statements > 10
        assert one.commits > 0
        assert one.bare.units_per_commit == round(one.units_per_commit)
    assert report.read.commits == 0


def test_rows_that_add_up_let_the_run_pass_whatever_the_speed(report: Report) -> None:
    assert report.mismatches == []
    assert [one.wanted for one in report.findings] == [3000, 2000, 5000, 20, 60, 110, 1.5]
    assert replace(report, start_seconds=99.0).exit_code == 0


def test_the_json_holds_every_goal(report: Report) -> None:
    document = json.loads(as_json(report))
    assert [one["reached"] for one in document["findings"]] == [
        one.reached for one in report.findings
    ]
    assert len(document["findings"][0]["limits"]) == 3


def test_the_same_is_measured_on_postgres_with_its_own_time_told_apart() -> None:
    few = Counts(confirm=32, create=32, read=32, bare=8, constant=0, starts=1)
    # A short path, since it holds the server's socket.
    with tempfile.TemporaryDirectory(prefix="payment-service-bench-") as folder:
        report = run(Path(folder), few, unseen, kind="postgresql")
    assert report.mismatches == []
    assert all(one.figures.database_us > 0 for one in report.scenarios[:2])
    assert all(one.bare is not None and one.http is None for one in report.scenarios)
    assert [one.wanted for one in report.findings] == [None] * 3


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("DELETE FROM payments WHERE rowid = 7", "payments: 95, expected 96"),
        ("DELETE FROM deliveries WHERE rowid = 7", "deliveries: 321, expected 322"),
        ("UPDATE events SET position = 1000 WHERE position = 9", "the last event position: 1000"),
        ("UPDATE subscriptions SET status = 'grace' WHERE rowid = 7", "active subscriptions: 95"),
        ("UPDATE notices SET times = 2 WHERE rowid = 7", "notices told once: 95"),
    ],
)
def test_a_row_too_few_fails_the_run_and_is_named(
    report: Report, folder: Path, tmp_path: Path, damage: str, named: str
) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes((folder / "payment-service.sqlite3").read_bytes())
    with sqlite3.connect(damaged) as connection:
        connection.execute("DROP TRIGGER payments_stay_delete")
        connection.execute(damage)
    connection.close()
    found = mismatches(f"sqlite:///{damaged}", Expected(prepared=96, confirmed=96, created=64))
    assert any(sentence.startswith(named) for sentence in found), found
    assert replace(report, mismatches=found).exit_code == 1


def test_the_command_shows_an_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], capture_output=True, text=True, check=True
    )
    assert "python -m bench --quick --json" in done.stdout


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.50) == 3.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.99) == 4.0
    assert percentile([1.0], 0.99) == 1.0
