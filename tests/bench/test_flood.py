"""The flood scenario sends what it says, and would notice a call to the gateway."""

import sys
from pathlib import Path

import pytest
from bench.flood import NOTICES, READS, WRITES, run_flood
from msgspec.structs import replace

from tests.bench.test_bench import unseen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")


def test_a_flood_reaches_the_door_and_never_the_gateway(tmp_path: Path) -> None:
    report = run_flood(tmp_path, 1, unseen)
    assert (report.quiet.samples, report.flooded.samples) == (READS + WRITES, READS + WRITES)
    assert (report.quiet.notices, report.flooded.notices) == (0, NOTICES)
    assert report.counted == report.kept == NOTICES
    assert report.outgoing == 0
    assert report.outgoing_for_known > 0
    assert report.exit_code == 0
    for wrong in ({"outgoing": 1}, {"outgoing_for_known": 0}, {"counted": NOTICES - 1}):
        assert replace(report, **wrong).exit_code == 1
