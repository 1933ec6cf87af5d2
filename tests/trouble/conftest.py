"""A service on a machine that tests can spoil: its disk, its key file, its clock; and the owner."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from structlog.testing import capture_logs

from payment_service.actions.send_alerts import send_alerts
from payment_service.actions.watch_machine import watch_machine
from payment_service.kit.errors import Unavailable
from payment_service.kit.machine import MEGABYTE, Machine
from payment_service.model.alert import OPEN_ALERTS, Alert
from payment_service.model.backup import made_at
from payment_service.outside.alert_channel import AlertMessage
from payment_service.runtime import Runtime
from payment_service.web.health import Proof
from tests.clocks import HandClock
from tests.outside.parties import Receiver
from tests.service import Answer, Service, running_service


class Owner:
    """A way of telling the owner that remembers what it was told."""

    name = "owner"
    place = "a test"

    def __init__(self) -> None:
        self.heard: list[AlertMessage] = []
        self._more = asyncio.Event()

    async def send(self, message: AlertMessage) -> str | None:
        self.heard.append(message)
        self._more.set()
        return None

    async def hears(self, kind: str) -> None:
        while kind not in self.kinds:
            self._more.clear()
            await self._more.wait()

    @property
    def kinds(self) -> list[str]:
        return [alert["kind"] for message in self.heard for alert in message.alerts]


class Ticking:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Place(NamedTuple):
    """The service, the machine, and what can go wrong with it."""

    url: str
    service: Service
    runtime: Runtime
    machine: Machine
    clock: HandClock
    ticking: Ticking
    owner: Owner
    free: list[int]
    """Bytes on the disk: the last one counts."""
    key_file: Path
    receiver: Receiver
    """Where an app may have its webhooks sent."""

    def passes(self, span: timedelta) -> None:
        """Time, as a clock shows it that runs evenly."""
        self.clock.advance(span)
        self.ticking.seconds += span.total_seconds()

    async def looks(self, after: timedelta = timedelta(seconds=10)) -> list[dict[str, Any]]:
        """The worker's next look; gives what was logged."""
        self.passes(after)
        with capture_logs() as logs:
            await watch_machine(self.runtime)
            with suppress(Unavailable):
                await send_alerts(self.runtime)
        return [dict(line) for line in logs]

    async def ready(self) -> Answer:
        self.service.web.state.proof = Proof()  # what was proven a second ago is proven anew
        return await self.service.ask("GET", "/healthz/ready")

    async def alerts(self) -> list[Alert]:
        return await self.runtime.db.read(lambda tx: tx.all(OPEN_ALERTS))

    async def open_kinds(self) -> list[str]:
        return [alert.kind for alert in await self.alerts()]


def told(logs: Iterable[dict[str, Any]], event: str) -> list[str]:
    return [line["kind"] for line in logs if line["event"] == event]


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(
    request: pytest.FixtureRequest, clock: HandClock, tmp_path: Path
) -> AsyncIterator[Place]:
    """Of one kind of database where a test asks for it, else of both in turn."""
    of_kind = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    database_url: str = request.getfixturevalue(of_kind)
    key_file = tmp_path / "secret.key"
    key_file.write_text("a key")
    free, ticking, owner = [10_000 * MEGABYTE], Ticking(), Owner()
    machine = Machine(
        "machine", folder=tmp_path, key_file=key_file, reserve=500 * MEGABYTE,
        free=lambda _: free[-1], elapsed=ticking, made_at=made_at,
    )  # fmt: skip
    async with (
        Receiver() as receiver,
        running_service(database_url, clock, targets=[f"127.0.0.1:{receiver.port}"]) as service,
    ):
        runtime = msgspec.structs.replace(service.runtime, machine=machine, alert_channels=(owner,))
        service.web.state.runtime = runtime
        await watch_machine(runtime)
        yield Place(
            database_url, service, runtime, machine, clock, ticking, owner, free, key_file, receiver
        )
