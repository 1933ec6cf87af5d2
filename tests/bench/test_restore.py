"""The benchmark of putting back a backup does both on real books."""

import json
import sys
from pathlib import Path

import pytest
from bench.finding import as_json
from bench.restore import RestoreReport, run_restore

from tests.bench.test_bench import unseen


@pytest.mark.skipif(sys.platform != "linux", reason="it measures on a real disk")
def test_books_are_backed_up_put_back_and_verified(tmp_path: Path) -> None:
    report = run_restore(tmp_path, "sqlite", 120, unseen)
    assert 0 < report.backup_gigabytes <= report.gigabytes
    assert min(report.backup, report.restore, report.verify) > 0


def test_seconds_are_told_for_a_gigabyte() -> None:
    report = RestoreReport("sqlite", 1, 0.5, 0.4, backup=4, restore=2, verify=10)
    told = {one["name"]: one["found"] for one in json.loads(as_json(report))["findings"]}
    assert told == {"backup, a GB": 8, "restore, a GB": 4, "verify, a GB": 20}
