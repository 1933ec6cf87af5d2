"""The parties of the demo: each its own process, with its own files, spoken to over sockets."""

import asyncio
import contextlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from payment_service.kit.clock import monotonic
from payment_service.kit.errors import CannotStart
from payment_service.kit.serving import listening

STARTING_SECONDS = 20
PACKAGE = Path(__file__).parents[2]


class Ports(msgspec.Struct, frozen=True):
    service: int
    simulator: int
    bukubengkel: int


def free_ports() -> Ports:
    """Three ports that nobody listens on now."""
    found = []
    with contextlib.ExitStack() as doors:
        for _ in range(3):
            door = doors.enter_context(listening("127.0.0.1", 0))
            found.append(door.getsockname()[1])
    return Ports(*found)


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
        """A test app whose gateway is the simulator's server, and two plans; the app's id."""
        self.app = await self._command(
            *("app", "create", "--name", "BukuBengkel", "--mode", "test"),
            *("--webhook-url", f"{self.bukubengkel}/webhooks/payment-service"),
            *("--gateway", "pakasir", "--pakasir-project", "bukubengkel"),
            *("--pakasir-base-url", self.simulator),
        )
        for code, name, price, months in (
            ("bulanan", "Bulanan", 99_000, 1),
            ("tahunan", "Tahunan", 990_000, 12),
        ):
            await self._command(
                *("plan", "create", "--app", self.app["id"], "--code", code, "--name", name),
                *("--price", str(price), "--months", str(months)),
            )
        return str(self.app["id"])

    async def start_simulator(self) -> None:
        await self._start(
            "simulator",
            self.simulator,
            *("-m", "payment_service", "simulate-pakasir", "--project", "bukubengkel"),
            *("--port", str(self.ports.simulator)),
            *("--webhook-url", f"{self.service}/gateway/pakasir/{self.app['id']}"),
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
                **_plain_env(),
                "PYTHONPATH": str(bukubengkel_folder()),
                "BUKUBENGKEL_PORT": str(self.ports.bukubengkel),
                "BUKUBENGKEL_DATABASE": str(self.folder / "bukubengkel.sqlite3"),
                "PAYMENT_SERVICE_URL": self.service,
                "PAYMENT_SERVICE_API_KEY": self.app["api_key"],
                "PAYMENT_SERVICE_WEBHOOK_SECRET": self.app["webhook_secret"],
            },
        )

    async def wait_for_an_end(self) -> str:
        """The name of the first party that ends by itself."""
        waiting = {
            asyncio.create_task(process.wait()): name for name, process in self._running.items()
        }
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return waiting[done.pop()]
        finally:
            for task in waiting:
                task.cancel()

    async def stop(self) -> None:
        """Ask all to end, in the order in which they depend on one another; then make them."""
        for process in reversed(self._running.values()):
            if process.returncode is not None:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    def _service_env(self) -> dict[str, str]:
        return {
            **_plain_env(),
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
        printed, said = await process.communicate()
        if process.returncode != 0:
            raise CannotStart(f"`{' '.join(words[:2])}` failed: {said.decode().strip()[-300:]}")
        result: dict[str, Any] = json.loads(printed)
        return result

    async def _start(self, name: str, address: str, *words: str, env: dict[str, str]) -> None:
        """Start a party and wait until it answers."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *words), env=env, stdout=file, stderr=file, cwd=self.folder
            )
        self._running[name] = process
        ends = monotonic() + STARTING_SECONDS
        while not await _answers(address):
            if process.returncode is not None or monotonic() > ends:
                last = log.read_text(errors="replace").strip().splitlines()[-1:]
                raise CannotStart(f"{name} did not start: {' '.join(last) or 'it says nothing'}")
            await asyncio.sleep(0.05)


async def _answers(address: str) -> bool:
    try:
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.get(address, timeout=aiohttp.ClientTimeout(total=2)) as response,
        ):
            return response.status < 500
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


def _plain_env() -> dict[str, str]:
    """The environment without this service's own settings: a demo is nobody's real data."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith("PAYMENT_SERVICE_")
    } | {"PYTHONUNBUFFERED": "1"}


def bukubengkel_folder() -> Path:
    """Where the example app is: beside the package in a checkout, inside it when installed."""
    for folder in (PACKAGE.parents[1] / "examples" / "bukubengkel", PACKAGE / "bukubengkel"):
        if (folder / "bukubengkel" / "__main__.py").exists():
            return folder
    raise CannotStart("the example app BukuBengkel is not here; run the demo from a checkout")
