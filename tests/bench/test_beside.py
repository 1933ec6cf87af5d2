"""The run beside live load is really made, and a step too few would be noticed."""

import json
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from bench.beside import NothingBeside, run_beside
from bench.beside_report import BesideReport, Phase, Repeat
from bench.finding import as_json
from bench.standing import Expected
from msgspec.structs import replace

from tests.bench.test_bench import unseen

linux = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")
QUIET = Phase(samples=1_000, p50_ms=1.0, p99_ms=5.0, max_ms=9.0)


def repeat(reads: float, writes: float, longest: float) -> Repeat:
    """A day with these p99 beside the run."""
    return Repeat(
        quiet_reads=QUIET,
        quiet_writes=QUIET,
        busy_reads=replace(QUIET, p99_ms=reads),
        busy_writes=replace(QUIET, p99_ms=writes),
        seconds=1.0,
        changes=50,
        server_share=0.9,
        others_share=0.0,
        chunk_ms_max=longest,
    )


@linux
def test_the_worker_makes_the_run_while_the_load_goes_on(tmp_path: Path) -> None:
    report = beside_load(tmp_path)
    (day,) = report.repeats
    assert (day.changes, report.mismatches) == (report.expected.changes, [])
    assert day.quiet_reads.samples > day.quiet_writes.samples > 0
    assert day.busy_reads.samples > 0
    assert day.chunks > 0
    assert 0 < day.chunk_ms_p50 <= day.chunk_ms_p99 <= day.chunk_ms_max
    assert len(json.loads(as_json(report))["findings"]) == len(report.findings)


def beside_load(folder: Path) -> BesideReport:
    """Of so many that some of the load fell into the run, which is short."""
    for size in (2_000, 10_000, 50_000):
        place = folder / f"{size}"
        place.mkdir()
        with suppress(NothingBeside):
            return run_beside(place, "sqlite", size, 1, unseen, quiet=1.0)
    raise AssertionError("no load fell into any run")


def test_the_goals_are_held_against_the_day_in_the_middle() -> None:
    days = [repeat(9.0, 30.0, 19.0), repeat(90.0, 300.0, 90.0), repeat(11.0, 36.0, 21.0)]
    report = BesideReport("sqlite", 1_000, days, 100.0, Expected(30, 10, 10))
    found = {goal.name: goal for goal in report.findings}
    assert [goal.found for goal in found.values()] == [pytest.approx(2.2), 26.0, 21.0]
    assert not any(goal.reached for goal in found.values())
    assert report.exit_code == 0
    lost = replace(report, repeats=[replace(days[0], changes=49)])
    assert lost.exit_code == 1
