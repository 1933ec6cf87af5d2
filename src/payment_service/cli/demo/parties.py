"""The parties of the demo: each its own process, with its own files, spoken to over sockets."""

import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp

from payment_service.cli.demo.ports import Ports
from payment_service.kit.clock import monotonic
from payment_service.kit.errors import CannotStart

STARTING_SECONDS = 60
PACKAGE = Path(__file__).parents[2]


PLANS = (
    {"code": "bulanan", "name": "Bulanan", "price": 99_000, "months": 1},
    {"code": "tahunan", "name": "Tahunan", "price": 990_000, "months": 12},
)


class Parties:
    """Starts and stops the processes; what they log goes to a file each."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.folder = folder
        self.ports = ports
        self.service = f"http://127.0.0.1:{ports.service}"
        self.simulator = f"http://127.0.0.1:{ports.simulator}"
        self.bukubengkel = f"http://127.0.0.1:{ports.bukubengkel}"
        self.app: dict[str, Any] = {}
        self._gateway_key = secrets.token_urlsafe(24)
        self._gateway_secret = secrets.token_urlsafe(24)
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def register_app(self) -> str:
        """A test app whose gateway is the simulator's server; its id."""
        self.app = await self._command(
            *("app", "create", "--name", "BukuBengkel", "--mode", "test"),
            *("--webhook-url", f"{self.bukubengkel}/webhooks/payment-service"),
            *("--return-origin", self.bukubengkel),
            *("--gateway", "pakasir", "--pakasir-project", "bukubengkel"),
            *("--pakasir-base-url", self.simulator),
        )
        return str(self.app["id"])

    async def add_plans(self) -> str:
        """Two plans, over the API; their codes."""
        async with aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self.app['api_key']}"},
            trust_env=False,
            raise_for_status=True,
        ) as session:
            for plan in PLANS:
                async with session.post(f"{self.service}/v1/plans", json=plan):
                    pass
        return " and ".join(str(plan["code"]) for plan in PLANS)

    async def start_simulator(self, notices_to: str | None = None) -> None:
        """`notices_to` is another address than the service's: for a play in which they get lost."""
        await self._start(
            "simulator",
            self.simulator,
            *("-m", "payment_service", "simulate-pakasir", "--project", "bukubengkel"),
            *("--port", str(self.ports.simulator)),
            *("--webhook-url", notices_to or f"{self.service}/gateway/pakasir/{self.app['id']}"),
            env=self._service_env(),
        )

    async def start_service(self) -> None:
        await self._start(
            "service",
            f"{self.service}/healthz/ready",
            *("-m", "payment_service", "serve"),
            env=self._service_env(),
        )

    async def start_bukubengkel(self) -> None:
        await self._start(
            "bukubengkel",
            self.bukubengkel,
            *("-m", "bukubengkel"),
            env={
                **self._plain_env(),
                "PYTHONPATH": str(bukubengkel_folder()),
                "BUKUBENGKEL_PORT": str(self.ports.bukubengkel),
                "BUKUBENGKEL_DATABASE": str(self.folder / "bukubengkel.sqlite3"),
                "BUKUBENGKEL_URL": self.bukubengkel,
                "PAYMENT_SERVICE_URL": self.service,
                "PAYMENT_SERVICE_API_KEY": self.app["api_key"],
                "PAYMENT_SERVICE_WEBHOOK_SECRET": self.app["webhook_secret"],
            },
        )

    async def wait_for_an_end(self) -> str:
        """The name of the first party that ends by itself, and the last that it said."""
        ends = [
            asyncio.create_task(party.wait(), name=name) for name, party in self._running.items()
        ]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        name = done.pop().get_name()
        return f"{name} ended by itself: {self._last_words(name)}"

    def ended(self) -> list[str]:
        """The names of those that were started and run no more."""
        return [name for name, party in self._running.items() if party.returncode is not None]

    async def stop(self) -> None:
        """End all, last started first."""
        for process in reversed(self._running.values()):
            await _end(process)

    def _plain_env(self) -> dict[str, str]:
        """Without this service's own settings: a demo is nobody's real data.

        What a killed party leaves behind lies in the folder too, and goes with it.
        """
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PAYMENT_SERVICE_", "BUKUBENGKEL_"))
        }
        return {**kept, "PYTHONUNBUFFERED": "1", "TMPDIR": str(self.folder)}

    def _service_env(self) -> dict[str, str]:
        return {
            **self._plain_env(),
            "PAYMENT_SERVICE_DATABASE_URL": f"sqlite:///{self.folder}/payment-service.sqlite3",
            "PAYMENT_SERVICE_PORT": str(self.ports.service),
            "PAYMENT_SERVICE_BASE_URL": self.service,
            "PAYMENT_SERVICE_PRIVATE_TARGETS": ",".join(
                f"127.0.0.1:{port}" for port in (self.ports.simulator, self.ports.bukubengkel)
            ),
            "PAYMENT_SERVICE_PAKASIR_API_KEY": self._gateway_key,
            "PAYMENT_SERVICE_PAKASIR_WEBHOOK_SECRET": self._gateway_secret,
        }

    async def _command(self, *words: str) -> dict[str, Any]:
        """Run one command of the operator's and read its JSON."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "payment_service", *words, "--json"),
            env=self._service_env(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            printed, said = await process.communicate()
        finally:
            await _end(process)
        if process.returncode != 0:
            raise CannotStart(f"`{' '.join(words[:2])}` failed: {said.decode().strip()[-300:]}")
        result: dict[str, Any] = json.loads(printed)
        return result

    async def _start(self, name: str, address: str, *words: str, env: dict[str, str]) -> None:
        """Start a party and wait until it answers."""
        with self._log(name).open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *words), env=env, stdout=file, stderr=file, cwd=self.folder
            )
        self._running[name] = process
        ends = monotonic() + STARTING_SECONDS
        while not await _answers(address):
            if process.returncode is not None or monotonic() > ends:
                raise CannotStart(f"{name} did not start: {self._last_words(name)}")
            await asyncio.sleep(0.05)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _last_words(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it says nothing"


async def together(*deeds: Coroutine[Any, Any, None]) -> None:
    """All at once; the first that fails ends the others and is raised."""
    tasks = [asyncio.create_task(deed) for deed in deeds]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end, then make it."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _answers(address: str) -> bool:
    try:
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.get(address, timeout=aiohttp.ClientTimeout(total=2)) as response,
        ):
            return response.status < 500
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


def bukubengkel_folder() -> Path:
    """Where the example app is: beside the package in a checkout, inside it when installed."""
    for folder in (PACKAGE.parents[1] / "examples" / "bukubengkel", PACKAGE / "bukubengkel"):
        if (folder / "bukubengkel" / "__main__.py").exists():
            return folder
    raise CannotStart("the example app BukuBengkel is not here; run the demo from a checkout")
