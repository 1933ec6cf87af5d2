"""The benchmark of the billing run makes a real run, and says so when rows are missing."""

import json
import sys
from pathlib import Path

import pytest
from bench.billing import run_billing_bench
from bench.billing_report import Alone, BillingReport
from bench.finding import as_json
from bench.standing import expected_of, standings
from msgspec.structs import replace

from tests.bench.test_bench import unseen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")


def test_a_day_of_a_small_crowd_is_run_and_counted(tmp_path: Path) -> None:
    report = run_billing_bench(tmp_path, ("sqlite",), (1_000,), unseen)
    (alone,) = report.alone
    assert (alone.subscriptions, alone.changes, alone.mismatches) == (1_000, 45, [])
    assert alone.seconds > 0
    assert 0 < alone.peak_mb < 1_000
    assert report.exit_code == 0
    document = json.loads(as_json(report))
    assert [goal["reached"] for goal in document["findings"]] == [
        goal.reached for goal in report.findings
    ]
    lost = replace(report, alone=[replace(alone, mismatches=["events: 44, expected 45"])])
    assert lost.exit_code == 1


def test_five_in_a_hundred_of_a_crowd_change() -> None:
    assert expected_of(standings(10_000)) == (300, 100, 100)


def test_the_drift_compares_the_cost_of_a_change_at_all_sizes() -> None:
    small = Alone("sqlite", 1_000, 50, 0.005, 0.005, 90.0, [])
    large = Alone("sqlite", 10_000, 500, 0.075, 0.075, 90.0, [])
    found = {goal.name: goal for goal in BillingReport(alone=[small, large], cores=2).findings}
    assert found["sqlite: drift of the cost"].found == pytest.approx(50)
    assert not found["sqlite: drift of the cost"].reached
    assert found["sqlite: subscriptions"].found == pytest.approx(10_000 / 0.075)
