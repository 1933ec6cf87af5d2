"""The benchmark of the dashboard asks everything of real books, and says what was slow."""

import json
import sys
from pathlib import Path

import pytest
from bench.dashboard import DashboardReport, Measured, run_dashboard
from bench.finding import as_json
from msgspec.structs import replace

from tests.bench.test_bench import unseen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it measures on a real disk")


def test_every_question_is_asked_and_finds_what_is_there(tmp_path: Path) -> None:
    report = run_dashboard(tmp_path, "sqlite", 120, unseen, samples=3)
    assert (report.subscriptions, report.invoices) == (120, 1_200)
    found = {one.name: one.rows for one in report.measured}
    assert {name for name, rows in found.items() if rows == 0} == {
        *(name for name in found if "(none)" in name), "search: nothing", "attention",
    }  # fmt: skip
    assert found["invoices"] == found["payments"] == 50
    assert found["search: phone"] == found["search: invoice id"] == 1
    assert report.exported > 0


def test_what_is_slow_is_named() -> None:
    within = Measured("overview", goal_ms=300, p50_ms=1, p95_ms=299, max_ms=900, rows=1)
    beyond = Measured("pay page", goal_ms=50, p50_ms=1, p95_ms=51, max_ms=60, rows=1)
    report = DashboardReport("sqlite", 1, 1, [within, beyond], 1.0)
    assert report.slow == ["pay page"]
    document = json.loads(as_json(replace(report, database="postgresql")))
    assert document["database"] == "postgresql"
    assert [one["reached"] for one in document["findings"]] == [False, True]
