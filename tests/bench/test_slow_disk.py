"""On the slow disk every sync is really slowed, and the service says nothing before it."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from bench.finding import as_json
from bench.slow_disk import run_slow_disk
from bench.slow_sync import SlowSync, sync_ms
from msgspec.structs import replace

from tests.bench.test_bench import unseen
from tests.missing import not_tested_here

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")


@pytest.fixture(autouse=True)
def compiler() -> None:
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        not_tested_here("a slow disk: there is no C compiler", required_by="REQUIRE_COMPILER")


def test_confirmations_and_creations_wait_for_slowed_syncs(tmp_path: Path) -> None:
    report = run_slow_disk(tmp_path, 48, unseen, delay_ms=20.0)
    assert report.mismatches == []
    assert report.slowed_ms >= 20.0
    assert report.syncs >= report.confirmation.commits + report.create.commits > 0
    # A confirmation waits for two commits, one after the other.
    assert report.confirmation.figures.p50_ms >= 40.0
    assert report.create.figures.p50_ms >= 20.0
    document = json.loads(as_json(report))
    assert [one["wanted"] for one in document["findings"]] == [1000, None]
    assert report.exit_code == 0
    assert replace(report, mismatches=["slowed syncs: 0"]).exit_code == 1


def test_the_library_counts_each_sync_and_delays_as_much_as_it_is_told(tmp_path: Path) -> None:
    slow = SlowSync(tmp_path, 30.0)
    assert sync_ms(tmp_path, 5, slow.environment) >= 30.0
    assert slow.count() == 5
