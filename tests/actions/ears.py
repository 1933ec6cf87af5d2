"""Somebody who hears webhooks, apps that send them, and what became of each."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.deliver import Courier
from payment_service.actions.register_app import Registration, register_app
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.attempt import NEWEST_ATTEMPTS, Attempt
from payment_service.model.delivery import DELIVERIES_OF_ENDPOINT, Shown
from payment_service.model.endpoint import ENDPOINTS_OF_APP, Endpoint
from payment_service.outbox import News, announce
from payment_service.runtime import Runtime
from tests.hearing import hearing

NEWS = News("invoice.paid", "inv_1", {"total": 99_000})


class Ears:
    """Hears on one port for many endpoints, each at a path of its own; what it holds back hangs
    until it is let go of."""

    def __init__(self) -> None:
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.most_in_all = 0
        self.heard: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.held: set[str] = set()
        self.statuses: dict[str, int] = {}
        self.port = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Ears"]:
        async with hearing(self._hear) as self.port:
            try:
                yield self
            finally:
                await self.let_go()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    async def let_go(self) -> None:
        self.held.clear()
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(holds)

    async def _hear(self, request: web.Request) -> web.Response:
        name = request.path.removeprefix("/")
        await request.read()
        async with self._changed:
            self.under_way[name] += 1
            self.most[name] = max(self.most[name], self.under_way[name])
            self.most_in_all = max(self.most_in_all, self.under_way.total())
            self.ids[request.headers["webhook-id"]] += 1
            self.heard[name] += 1
            self._changed.notify_all()
            try:
                await self._changed.wait_for(lambda: name not in self.held)
            finally:
                self.under_way[name] -= 1
        return web.Response(status=self.statuses.get(name, 204))


async def registered(runtime: Runtime, url: str | None, name: str = "App") -> App:
    wanted = Registration(name=name, mode="test", webhook_url=url)
    now = runtime.clock.now()
    done = await runtime.db.write(register_app, wanted, runtime.secrets, runtime.targets, now)
    return done.app


async def listens(runtime: Runtime, app: App, url: str) -> Endpoint:
    now, wanted = runtime.clock.now(), NewEndpoint(url)
    made = await runtime.db.write(
        create_endpoint, app, wanted, runtime.secrets, runtime.targets, now
    )
    return made[0]


async def happens(runtime: Runtime, app: App, times: int = 1) -> None:
    await runtime.db.write(announce, app.id, [NEWS] * times, runtime.clock.now())


async def endpoint_of(runtime: Runtime, app: App) -> Endpoint:
    def query(tx: Transaction) -> Endpoint:
        (only,) = tx.all(ENDPOINTS_OF_APP, app_id=app.id, before="~", limit=2)
        return only

    return await runtime.db.read(query)


async def deliveries(runtime: Runtime, endpoint: Endpoint) -> list[Shown]:
    asked: dict[str, Any] = {"before": "~", "first": "", "limit": 10_000}
    return await runtime.db.read(
        lambda tx: tx.all(DELIVERIES_OF_ENDPOINT, endpoint_id=endpoint.id, **asked)
    )


async def attempts(runtime: Runtime, delivery: Shown) -> list[Attempt]:
    return await runtime.db.read(
        lambda tx: tx.all(NEWEST_ATTEMPTS, delivery_id=delivery.id, limit=100)
    )


@asynccontextmanager
async def at_work(*couriers: Courier) -> AsyncIterator[None]:
    """They take what is due again and again, as workers do."""

    async def work(courier: Courier) -> None:
        while True:
            if not await courier.take():
                await courier.runs_low(0.05)

    tasks = [asyncio.create_task(work(courier)) for courier in couriers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await asyncio.gather(*(courier.finish() for courier in couriers))
