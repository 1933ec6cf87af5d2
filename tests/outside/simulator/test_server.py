"""The simulator as a process of its own: it serves until it is told to stop, and leaves nothing."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from payment_service.kit.errors import CannotStart
from payment_service.outside.simulator.faults import Fault, Faults
from payment_service.outside.simulator.server import serve_simulator
from payment_service.outside.simulator.settings import Api, SimulatorSettings
from tests.outside.parties import Receiver

SETTINGS = SimulatorSettings(
    project="toko", api_key="k", webhook_url="http://127.0.0.1:9/", webhook_secret="s"
)
PROGRAM = """
import asyncio
from payment_service.outside.simulator.server import serve_simulator
from payment_service.outside.simulator.settings import SimulatorSettings
settings = SimulatorSettings(project="toko", api_key="k", webhook_url="http://127.0.0.1:9/",
                             webhook_secret="s")
asyncio.run(serve_simulator(settings, 0, on_ready=lambda address: print(address, flush=True)))
print("tidied up")
"""


async def make_a_code(address: str) -> int:
    async with (
        aiohttp.ClientSession(headers={"X-Api-Key": "k"}) as http,
        http.post(
            f"{address}/api/v2/create-transaction/toko/chg_1",
            json={"method": "qris", "amount": 500},
        ) as answer,
    ):
        return answer.status


async def test_it_serves_until_it_is_cancelled() -> None:
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_simulator(SETTINGS, 0, on_ready=ready.set_result))

    assert await make_a_code(await ready) == 200
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving


async def test_codes_outlive_it_in_a_file_that_is_named(tmp_path: Path) -> None:
    for _ in range(2):
        ready = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(
            serve_simulator(
                SETTINGS,
                0,
                database_url=f"sqlite:///{tmp_path}/codes.sqlite3",
                on_ready=ready.set_result,
            )
        )
        assert await make_a_code(await ready) == 200
        serving.cancel()
        await asyncio.wait([serving])
    assert (tmp_path / "codes.sqlite3").exists()


async def test_sigterm_ends_its_process_tidily(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode()
    while not address.startswith("http"):  # a log line, where nobody has configured logging
        address = (await process.stdout.readline()).decode()
    assert await make_a_code(address.strip()) == 200
    process.send_signal(signal.SIGTERM)
    said, _ = await asyncio.wait_for(process.communicate(), 10)

    assert process.returncode == 0
    assert b"tidied up" in said
    assert os.listdir(tmp_path) == []


async def test_a_port_in_use_is_one_clear_sentence() -> None:
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_simulator(SETTINGS, 0, on_ready=ready.set_result))
    port = int((await ready).rsplit(":", 1)[1])

    with pytest.raises(CannotStart, match=f"port {port} .*choose another port"):
        await serve_simulator(SETTINGS, port)
    serving.cancel()
    await asyncio.wait([serving])


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_version_1_signs_nothing(receiver: Receiver, api: Api) -> None:
    settings = SimulatorSettings(
        project="toko", api_key="k", webhook_url=receiver.url, webhook_secret="s", api=api
    )
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_simulator(settings, 0, on_ready=ready.set_result))
    fields = {"project": "toko", "order_id": "chg_1", "amount": 500, "api_key": "k"}

    address = await ready
    async with aiohttp.ClientSession() as http:
        for call in ("transactioncreate/qris", "paymentsimulation"):
            async with http.post(f"{address}/api/{call}", json=fields) as answer:
                assert answer.status == 200
    (notice,) = await receiver.hears(1)
    serving.cancel()
    await asyncio.wait([serving])

    assert notice.headers.get("X-Secret") == {"v1": None, "v2": "s"}[api]
    assert b'"status":"completed"' in notice.body


async def test_what_a_fault_put_off_does_not_keep_it_from_ending(receiver: Receiver) -> None:
    settings = SimulatorSettings(
        project="toko", api_key="k", webhook_url=receiver.url, webhook_secret="s"
    )
    faults = Faults(1, [Fault(kind="notice_late", seconds=600)])
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve_simulator(settings, 0, faults=faults, on_ready=ready.set_result)
    )
    address = await ready
    async with aiohttp.ClientSession() as http:
        for call in ("transactioncreate/qris", "paymentsimulation"):
            fields = {"project": "toko", "order_id": "chg_1", "amount": 500, "api_key": "k"}
            async with http.post(f"{address}/api/{call}", json=fields) as answer:
                assert answer.status == 200

    serving.cancel()
    await asyncio.wait([serving], timeout=5)

    assert serving.done()
    assert faults.fired == {"notice_late": 1}
    assert receiver.heard == []
