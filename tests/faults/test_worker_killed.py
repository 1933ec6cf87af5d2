"""kill -9 of the worker under load, again and again: every event reaches every endpoint."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import func, select

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.register_app import Registration, register_app
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction
from payment_service.migrations.upgrade import connected
from payment_service.model.app import App
from payment_service.model.delivery import deliveries
from payment_service.outbox import News, announce
from payment_service.runtime import Runtime
from tests.cli.commands import Operator, begins
from tests.counts import times
from tests.hearing import hearing
from tests.invariants import check_invariants
from tests.seeds import SEED
from tests.service import KEY

KILLS = times(2, 100, push=10)
APPS, ENDPOINTS = 3, 2
PER_SECOND = 100
PATIENCE = 40.0
"""Seconds: a lease that died with its process lasts 3 s."""
AT_ONCE = 512
"""A worker that dies sends again what was under way to all its endpoints, and what had ended and
was not written down yet: here at most 6 times 16 of each."""


class Message(NamedTuple):
    path: str
    id: str


class Sink:
    """What arrived where, and the body of each event."""

    def __init__(self) -> None:
        self.port = 0
        self.arrived: dict[Message, int] = {}
        self.bodies: dict[str, set[bytes]] = {}

    @property
    def messages(self) -> int:
        return sum(self.arrived.values())

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Sink"]:
        async with hearing(self._hear) as self.port:
            yield self

    async def hears_more(self) -> None:
        """From whoever is left, at once or when the leases of the dead have ended."""
        before = self.messages
        async with asyncio.timeout(PATIENCE):
            while self.messages == before:  # noqa: ASYNC110 - other processes set no event here
                await asyncio.sleep(0.01)

    async def _hear(self, request: web.Request) -> web.Response:
        message = Message(request.path, request.headers["webhook-id"])
        self.bodies.setdefault(message.id, set()).add(await request.read())
        self.arrived[message] = self.arrived.get(message, 0) + 1
        return web.Response(status=204)


class Workers:
    """Processes, of which the older is killed once the newer works."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._running: list[subprocess.Popen[str]] = []

    async def one_more(self) -> None:
        process = self._operator.starts("worker")
        self._running.append(process)
        await asyncio.to_thread(begins, process)

    async def kill_the_oldest(self) -> None:
        process = self._running.pop(0)
        assert process.poll() is None, process.communicate()
        process.kill()
        assert await asyncio.to_thread(process.wait, 10) == -signal.SIGKILL
        process.communicate()

    async def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            _, said = await asyncio.to_thread(process.communicate, None, 30)
            assert process.returncode == 0, said

    def kill_all(self) -> None:
        for process in self._running:
            process.kill()
            process.communicate()


def registered(tx: Transaction, runtime: Runtime, port: int, number: int) -> App:
    now = runtime.clock.now()
    wanted = Registration(name=f"App {number}", mode="test")
    app = register_app(tx, wanted, runtime.secrets, runtime.targets, now).app
    for place in range(ENDPOINTS):
        url = f"http://127.0.0.1:{port}/{number}/{place}"
        create_endpoint(tx, app, NewEndpoint(url), runtime.secrets, runtime.targets, now)
    return app


async def events_happen(runtime: Runtime, apps: list[App], over: asyncio.Event) -> int:
    """At a steady rate until it is over; how many."""
    count, begun = 0, monotonic()
    while not over.is_set():
        news = News("invoice.paid", f"inv_{count}", {"number": count, "filler": "x" * 500})
        await runtime.db.write(announce, apps[count % APPS].id, [news], runtime.clock.now())
        count += 1
        await asyncio.sleep(max(0.0, begun + count / PER_SECOND - monotonic()))
    return count


def not_delivered(url: str) -> int:
    with connected(url) as connection:
        left = select(func.count()).where(deliveries.c.status != "delivered")
        return int(connection.scalar(left.select_from(deliveries)) or 0)


@pytest.mark.timeout(600)
async def test_every_event_arrives_whenever_the_worker_dies(
    database_url: str, tmp_path: Path
) -> None:
    dice = Random(SEED)
    async with Sink().open() as sink:
        target = f"127.0.0.1:{sink.port}"
        settings = Settings(
            database_url=database_url, secret_key=SecretStr(KEY), private_targets=target
        )
        runtime = await open_runtime(settings)
        apps = [
            await runtime.db.write(registered, runtime, sink.port, number) for number in range(APPS)
        ]
        operator = Operator(
            tmp_path, database_url=database_url, secret_key=KEY, private_targets=target
        )
        workers, over = Workers(operator), asyncio.Event()
        happening = asyncio.create_task(events_happen(runtime, apps, over))
        try:
            await workers.one_more()
            for _ in range(KILLS):
                await workers.one_more()
                await asyncio.sleep(dice.uniform(0, 0.2))
                await workers.kill_the_oldest()
                await sink.hears_more()
            over.set()
            count = await happening
            ends = monotonic() + PATIENCE
            while (left := not_delivered(database_url)) > 0:
                assert monotonic() < ends, f"{left} of {count * ENDPOINTS} are not delivered"
                await asyncio.sleep(0.1)
            await workers.stop()
        finally:
            over.set()
            workers.kill_all()
            await runtime.close()
    assert len(sink.bodies) == count
    assert all(len(bodies) == 1 for bodies in sink.bodies.values())
    assert len(sink.arrived) == count * ENDPOINTS
    assert sink.messages - len(sink.arrived) <= KILLS * AT_ONCE
    check_invariants(database_url)
