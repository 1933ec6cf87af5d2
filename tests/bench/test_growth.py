"""The same books are measured at every size, and drift is between any two of them."""

import json
import sys

import pytest
from bench.finding import as_json
from bench.growth import GrowthReport, run_growth
from msgspec.structs import replace

from tests.bench.test_bench import unseen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> GrowthReport:
    return run_growth(tmp_path_factory.mktemp("growth"), "sqlite", (100, 300), 40, unseen)


def test_one_database_grows_and_is_measured_at_each_size(report: GrowthReport) -> None:
    assert report.mismatches == []
    assert [size.subscriptions for size in report.sizes] == [100, 300]
    for size in report.sizes:
        figures = (size.confirmation, size.create, size.read)
        assert [one.samples for one in figures] == [40, 40, 40]
    assert report.sizes[0].gigabytes < report.sizes[1].gigabytes
    assert len(json.loads(as_json(report))["findings"]) == 3


def test_a_slower_size_is_drift_wherever_it_stands(report: GrowthReport) -> None:
    small, large = report.sizes
    twice = replace(small.read, per_second=2000.0), replace(large.read, per_second=1000.0)
    sizes = [replace(small, read=twice[0]), replace(large, read=twice[1])]
    for order in (sizes, sizes[::-1]):
        drift = replace(report, sizes=order).findings[2]
        assert drift.found == pytest.approx(100)
        assert not drift.reached
