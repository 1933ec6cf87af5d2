"""The benchmark of webhooks really delivers, and a message too few would be noticed."""

import sys
from pathlib import Path

import pytest
from bench.finding import as_json
from bench.webhook_sink import Heard
from bench.webhooks import mismatches, run_webhooks

from tests.bench.test_bench import unseen

linux = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")


@linux
def test_a_backlog_and_news_are_delivered_and_verified(tmp_path: Path) -> None:
    report = run_webhooks(tmp_path, "sqlite", 1_000, 1, unseen)
    assert report.mismatches == []
    assert report.verified == report.kept > 0
    assert report.exit_code == 0
    assert report.backlog.per_second > 0
    assert 0 < report.quiet.p50_ms <= report.quiet.p99_ms
    assert '"mismatches":[]' in as_json(report)


def test_what_is_lost_or_not_written_down_is_told() -> None:
    counts = {"delivered": 3, "deliveries": 5, "attempts": 3}
    whole = Heard({"evt_1": 1.0, "evt_2": 1.0, "evt_3": 1.0}, 3, [])
    assert mismatches(whole, counts, 3, 2) == []
    lost = Heard({"evt_1": 1.0, "evt_2": 1.0}, 3, [])
    assert "events that arrived: 2" in mismatches(lost, counts, 3, 2)[0]
    assert "delivered: 2" in mismatches(whole, {**counts, "delivered": 2}, 3, 2)[0]
    assert "deliveries: 4" in mismatches(whole, {**counts, "deliveries": 4}, 3, 2)[0]
    assert "attempts: 2" in mismatches(whole, {**counts, "attempts": 2}, 3, 2)[0]
