"""The year in one call is a whole one, and would notice when nobody renewed."""

from pathlib import Path

from bench.year import run_year
from msgspec.structs import replace

from tests.bench.test_bench import unseen


def test_a_year_has_its_renewals(tmp_path: Path) -> None:
    report = run_year(tmp_path, unseen, subscriptions=6, days=70)
    assert report.counts["subscription.renewed"] >= 6
    assert report.exit_code == 0
    assert replace(report, counts={}).exit_code == 1
