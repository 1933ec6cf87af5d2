"""A public client library of Pakasir's, the npm package pakasir-sdk, works with the simulator."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.missing import not_tested_here
from tests.outside.parties import API_KEY, PROJECT
from tests.outside.simulator.asking import Asker
from tests.outside.simulator.conftest import Simulate

FOLDER = Path(__file__).parents[2] / "node"
SUBJECT = "pakasir-sdk against the simulator"


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if found is None:
        not_tested_here(f"no Node for {SUBJECT}", required_by="REQUIRE_NODE")
    if not (FOLDER / "node_modules" / "pakasir-sdk").is_dir():
        not_tested_here(
            f"no npm package for {SUBJECT}; `make setup` installs it where there is npm",
            required_by="REQUIRE_NODE",
        )
    return found


async def played(node: str, at: Asker) -> dict[str, Any]:
    """What the library gave for each of its calls."""
    process = await asyncio.create_subprocess_exec(
        node,
        FOLDER / "pakasir_sdk.mjs",
        *(at.origin, PROJECT, API_KEY),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    said: dict[str, Any] = json.loads(out)
    return said


async def test_it_creates_reads_simulates_and_cancels(node: str, simulate: Simulate) -> None:
    at = await simulate(api="v1", limits=True)

    said = await played(node, at)

    code = (await at.create("pesanan-1")).json
    created = said["created"]
    assert created["payment_number"] == code["qr_string"]
    assert created["expired_at"] == code["expired_at"]
    # It reckons the fee by itself; of 99,000 there is nothing to round.
    assert (created["fee"], created["total_payment"]) == (code["fee"], code["total_payment"])
    assert said["pending"]["status"] == "pending"
    assert said["simulated"]["status"] == said["paid"]["status"] == "completed"
    assert said["paid"]["completed_at"] == "2026-01-31T10:00:00.000+07:00"
    assert said["canceled"]["status"] == said["afterwards"]["status"] == "canceled"
    assert [notice["order_id"] for notice in at.heard] == ["pesanan-1"]


async def test_it_is_refused_with_the_simulators_own_words(node: str, simulate: Simulate) -> None:
    said = await played(node, await simulate(api="v1"))

    assert said["unknown"] == said["otherAmount"] == {"refused": "Transaksi tidak ditemukan"}
    assert said["stranger"] == {"refused": "Api key tidak valid"}
    assert said["cancelOfPaid"] == {"refused": "Transaksi sudah dibayar"}
