"""The profile looks at the real server, and tells each sample to the floor that it belongs to."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from bench.finding import as_json
from bench.floors import FLOORS, read_profile
from bench.profile import PROFILER, run_profile

from tests.bench.test_bench import unseen
from tests.missing import not_tested_here

LIB, SRC = "/v/lib/python3.11", "/p/src/payment_service"
PACKAGES = f"{LIB}/site-packages"
IDS = "kit: ids, signing, counts"
LOOP = f"run (/p/kit/serving.py:47);Runner.run ({LIB}/asyncio/runners.py:118)"
HANDLER = f"{LOOP};app ({PACKAGES}/starlette/routing.py:70);read ({SRC}/web/api/invoices.py:124)"


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc and sets affinity")
def test_a_small_run_is_profiled(tmp_path: Path) -> None:
    if not shutil.which(PROFILER):
        not_tested_here("where the time goes: py-spy is not made for this machine")
    try:
        report = run_profile(tmp_path, 80, unseen)
    except RuntimeError as error:
        if "py-spy may not look" not in str(error):
            raise
        not_tested_here("where the time goes: py-spy may not look at processes here")
    assert report.mismatches == []
    confirmation, creation, reading = report.spent
    assert [one.figures.samples for one in report.spent] == [80, 80, 80]
    assert confirmation.samples + creation.samples + reading.samples > 10
    assert set(confirmation.floors) | set(creation.floors) <= {*FLOORS, "elsewhere"}
    assert sum(creation.floors.values()) == pytest.approx(1)
    assert "driver and database" in creation.floors
    assert len(json.loads(as_json(report))["spent"]) == 3


@pytest.mark.parametrize(
    ("stack", "floor"),
    [
        (LOOP, "event loop and sockets"),
        (f"{LOOP};send ({PACKAGES}/uvicorn/server.py:9)", "HTTP server"),
        (HANDLER, "our web floor"),
        (f"{HANDLER};encode ({LIB}/json/encoder.py:1)", "our web floor"),
        (f"{HANDLER};one ({SRC}/kit/sqlite_transaction.py:30)", "driver and database"),
        (f"{HANDLER};billed ({SRC}/model/invoice_list.py:1)", "rules and records"),
        (f"{HANDLER};build ({SRC}/kit/compiled.py:7)", "statements: values in, records out"),
        (f"{HANDLER};new_id ({SRC}/kit/ids.py:13);urandom ({LIB}/secrets.py:3)", IDS),
        (f"{HANDLER};msg ({PACKAGES}/structlog/_output.py:1)", "log"),
        (f"_bootstrap ({LIB}/threading.py:1)", "elsewhere"),
    ],
)  # fmt: skip
def test_a_sample_belongs_to_the_innermost_floor_that_is_known(stack: str, floor: str) -> None:
    seen = read_profile([f"{stack} 3", f"{stack} 4"])
    assert seen.floors == {floor: 7}
    assert seen.functions.total() == 7


def test_a_function_is_named_without_the_machine_it_ran_on() -> None:
    seen = read_profile([f"{HANDLER};one ({SRC}/kit/sqlite.py:130) 1"])
    assert list(seen.functions) == ["payment_service/kit/sqlite.py: one"]
