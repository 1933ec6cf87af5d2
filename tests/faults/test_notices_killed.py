"""kill -9 of the service under load, again and again: no notice that got its 200 is lost."""

import asyncio
import random
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import aiohttp
import msgspec
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from payment_service.actions.add_plan import add_plan
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction
from payment_service.migrations.upgrade import connected
from payment_service.model.app import App
from payment_service.model.notice import notices
from payment_service.model.payment import payments
from payment_service.outside.simulator.codes import complete
from payment_service.outside.simulator.v2 import told
from payment_service.runtime import Runtime
from tests.cli.commands import Operator
from tests.counts import times
from tests.invariants import check_invariants
from tests.service import KEY
from tests.story import PLANS

KILLS = times(3, 20)
NOTICES = times(200, 4_000)
CONNECTIONS = 32
PATIENCE = times(45, 110)
"""Seconds: a lease that died with its process lasts 15 s, and the sweep takes its turns."""


class Money(NamedTuple):
    """A code that was paid at the gateway, and the notice that says so."""

    order_id: str
    notice: bytes


async def money_waits(runtime: Runtime) -> tuple[App, list[Money]]:
    """An app with many tenants, each of whom has paid their code, unknown to the service."""

    def register(tx: Transaction) -> App:
        now = runtime.clock.now()
        wanted = Registration(name="BukuBengkel", mode="test")
        done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
        add_plan(tx, done.app.id, PLANS[0], now)
        return done.app

    app = await runtime.db.write(register)
    gate = asyncio.Semaphore(CONNECTIONS)

    async def tenant_pays(number: int) -> Money:
        async with gate:
            now = runtime.clock.now()
            who = Subscriber(f"tenant-{number}")
            done = await runtime.db.write(
                subscribe, app, runtime.links, who, "bulanan", None, {}, now
            )
            assert done.resource.open_invoice is not None
            code = await open_charge(runtime, app.id, done.resource.open_invoice.id)
            paid = await runtime.db.write(complete, code.charge.reference or "", now)
            assert paid is not None
            return Money(code.charge.id, msgspec.json.encode(told(paid)))

    return app, list(await asyncio.gather(*(tenant_pays(number) for number in range(NOTICES))))


class Gateway:
    """Posts notices over many connections until they are acknowledged, as Pakasir would."""

    def __init__(self, path: str, secret: str, money: Sequence[Money]) -> None:
        self._path = path
        self._headers = {"X-Secret": secret}
        self._left = list(money)
        self.acknowledged: set[str] = set()

    async def posts(self, origin: str, process: "subprocess.Popen[bytes]", kill_at: int) -> None:
        """Kills the service when so many are acknowledged, with more under way."""

        async def connection(http: aiohttp.ClientSession) -> None:
            while self._left:
                money = self._left.pop()
                try:
                    async with http.post(
                        origin + self._path, data=money.notice, headers=self._headers
                    ) as answer:
                        assert answer.status == 200
                except aiohttp.ClientError:
                    self._left.insert(0, money)
                    return
                self.acknowledged.add(money.order_id)
                if len(self.acknowledged) >= kill_at:
                    process.kill()

        async with aiohttp.ClientSession() as http:
            await asyncio.gather(*(connection(http) for _ in range(CONNECTIONS)))


def booked(url: str) -> set[str]:
    with connected(url) as connection:
        return {str(one) for one in connection.scalars(select(payments.c.charge_id))}


def noticed(url: str) -> set[str]:
    with connected(url) as connection:
        return set(connection.scalars(select(notices.c.charge_id)))


async def settles(url: str) -> None:
    """Until every stored notice is settled; the sweep settles each of them in time."""
    ends = monotonic() + PATIENCE
    while noticed(url) - booked(url):
        assert monotonic() < ends, f"{len(noticed(url) - booked(url))} are not settled"
        await asyncio.sleep(0.5)


@pytest.mark.timeout(300)
async def test_every_acknowledged_notice_is_settled_once_whenever_the_service_dies(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=database_url, secret_key=SecretStr(KEY))
    runtime = await open_runtime(settings)
    app, money = await money_waits(runtime)
    secret = runtime.secrets.open(app.gateway_webhook_secret or "")
    await runtime.close()
    random.shuffle(money)
    gateway = Gateway(f"/gateway/pakasir/{app.id}", secret, money)
    operator = Operator(tmp_path, database_url=database_url, secret_key=KEY)
    for kills in range(1, KILLS + 1):
        with operator.serving() as serving:
            kill_at = kills * NOTICES // (KILLS + 1)
            await gateway.posts(serving.origin, serving.process, kill_at)
            assert serving.process.wait(10) == -signal.SIGKILL
    with operator.serving() as serving:
        await gateway.posts(serving.origin, serving.process, kill_at=NOTICES + 1)
        assert len(gateway.acknowledged) == NOTICES
        await settles(database_url)
        serving.process.terminate()
        assert await asyncio.to_thread(serving.process.wait, 20) == 0
    assert noticed(database_url) == booked(database_url) == {one.order_id for one in money}
    check_invariants(database_url)
