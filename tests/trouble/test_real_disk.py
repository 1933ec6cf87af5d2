"""The service as a process on a small disk of its own, which fills up, fails, or is read-only."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.cli.commands import Operator, Serving
from tests.missing import not_tested_here
from tests.outside.parties import Receiver
from tests.strace import needs_strace

MEGABYTES = 16
METADATA = {f"field {number}": "x" * 200 for number in range(9)}
PLAN = ("--code", "bulanan", "--name", "Bulanan", "--price", "99000", "--months", "1")


class OnADisk:
    """An operator whose `data` folder is a disk of its own, which their processes alone see; and
    the owner, who hears by webhook."""

    def __init__(self, folder: Path, owner: Receiver) -> None:
        self.owner = owner
        self.operator = Operator(
            folder,
            least_free_mb="1",
            alert_webhook_url=owner.url,
            private_targets=f"127.0.0.1:{owner.port}",
        )
        (folder / "data").mkdir()
        mount = f"mount -t tmpfs -o size={MEGABYTES}m tmpfs {folder}/data"
        self._holder = subprocess.Popen(  # the disk goes with the last who sees it
            ["unshare", "-m", "sh", "-c", f"{mount} && echo yes && exec sleep 600"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "yes\n":
            not_tested_here("a full disk: nobody may mount one on this machine")
        self.operator.within = ("nsenter", "-m", "-t", str(self._holder.pid), f"--wd={folder}")
        self.data = Path(f"/proc/{self._holder.pid}/root{folder}/data")

    async def runs(self, *arguments: str) -> Any:
        done = await asyncio.to_thread(self.operator.runs, *arguments, "--json")
        assert done.code == 0, done.err
        return done.json

    def fills_up(self) -> Path:
        filler = self.data / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):  # there is no more room
            while True:
                file.write(b"x" * 4096)
        return filler

    def becomes(self, how: str) -> None:
        folder = str(self.operator.folder / "data")
        remount = ("mount", "-o", f"remount,{how}", folder)
        subprocess.run([*self.operator.within, *remount], check=True)

    async def hears(self, kind: str) -> dict[str, Any]:
        """Until the owner has heard of it."""
        async with asyncio.timeout(60):
            while True:
                for heard in self.owner.heard:
                    for alert in json.loads(heard.body)["data"]["alerts"]:
                        if alert["kind"] == kind:
                            return dict(alert)
                await asyncio.sleep(0.1)

    def log(self) -> list[dict[str, Any]]:
        lines = (self.operator.folder / "serve.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["event"] == event]

    def close(self) -> None:
        self._holder.kill()
        self._holder.communicate()


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[OnADisk]:
    if shutil.which("nsenter") is None:
        not_tested_here("a full disk: there is no nsenter on this machine")
    async with Receiver() as owner:
        disk = OnADisk(tmp_path, owner)
        yield disk
        disk.close()


def one_call_each() -> aiohttp.ClientSession:
    """A connection that has been idle may end in the moment in which it is used again."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))


class Caller:
    """An app that asks a running service."""

    def __init__(self, http: aiohttp.ClientSession, served: Serving, key: str) -> None:
        self._http, self._served, self._key = http, served, key
        self._asked = 0

    async def asks(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._key}"}
        url = self._served.origin + path
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def subscribes(self) -> tuple[int, Any]:
        self._asked += 1
        who = {"reference": f"tenant-{self._asked}", "metadata": METADATA}
        return await self.asks("POST", "/v1/subscriptions", {"customer": who, "plan": "bulanan"})


async def test_a_disk_that_is_full_is_said_and_told_and_nothing_is_lost(disk: OnADisk) -> None:
    app = await disk.runs("app", "create", "--name", "Bengkel", "--mode", "test")
    await disk.runs("plan", "create", "--app", app["id"], *PLAN)
    with disk.operator.serving() as served:
        async with one_call_each() as http:
            caller = Caller(http, served, app["api_key"])
            made = [(await caller.subscribes())[0]]
            filler = disk.fills_up()
            for _ in range(2000):  # what the log has left is used first
                status, said = await caller.subscribes()
                made.append(status)
                if status != 201:
                    break
            assert (status, said["code"]) == (503, "disk_full")
            assert (await caller.asks("GET", "/healthz/ready"))[1]["code"] == "disk_full"
            assert (await caller.asks("GET", "/healthz/live"))[0] == 200
            assert (await caller.asks("GET", "/v1/plans"))[0] == 200
            assert "disk" in (await disk.hears("disk_full"))["message"]

            filler.unlink()
            assert (await caller.subscribes())[0] == 201
            assert (await caller.asks("GET", "/healthz/ready"))[0] == 200
            page = (await caller.asks("GET", "/v1/subscriptions?limit=1"))[1]
            assert page["data"]
        assert served.process.poll() is None
    assert {line["kind"] for line in disk.logged("trouble_began")} == {"disk_full"}
    assert disk.logged("request_failed") == disk.logged("worker_turn_failed") == []
    await disk.runs("verify")


async def test_a_disk_that_can_only_be_read_prevents_the_start_until_it_can_be_written(
    disk: OnADisk,
) -> None:
    await disk.runs("app", "create", "--name", "Bengkel", "--mode", "test")
    disk.becomes("ro")
    for _ in range(2):
        done = await asyncio.to_thread(disk.operator.runs, "serve", "--port", "0")
        assert done.code == 1
        assert "writable" in done.err
    assert "writable" in (await disk.hears("cannot_start"))["message"]
    assert len(disk.owner.heard) == 1
    disk.becomes("rw")
    with disk.operator.serving() as served:
        async with one_call_each() as http:
            assert (await Caller(http, served, "").asks("GET", "/healthz/ready"))[0] == 200
    (again,) = disk.logged("started_again")
    assert again["failed_starts"] == 2


async def test_a_disk_that_fails_ends_the_process_and_the_next_one_tells_of_it(
    disk: OnADisk,
) -> None:
    needs_strace("a failing disk")
    app = await disk.runs("app", "create", "--name", "Bengkel", "--mode", "test")
    await disk.runs("plan", "create", "--app", app["id"], *PLAN)
    with disk.operator.serving() as served:
        async with one_call_each() as http:
            caller = Caller(http, served, app["api_key"])
            inject = "inject=pwrite64:error=EROFS"
            tracing = await asyncio.create_subprocess_exec(
                "strace", "-f", "-qq", "-o", "/dev/null", "-p", str(served.process.pid),
                "-e", "trace=pwrite64", "-e", inject, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            async with asyncio.timeout(60):  # until the disk fails
                with suppress(aiohttp.ClientError):
                    while True:
                        assert (await caller.subscribes())[0] == 201
                        await asyncio.sleep(0.05)
        assert served.process.wait(10) == 70
        await tracing.wait()
    with disk.operator.serving():
        told = await disk.hears("database_failed")
    assert "code 70" in told["message"]
    assert "SQLITE_IOERR" in disk.logged("started_again")[0]["stopped"]
