"""Two processes that answer and two that work, on one PostgreSQL and under load: each does its
share, nothing is done twice, and nothing is lost with any of them."""

import asyncio
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import aiohttp
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import Select, func, select, update

from payment_service.actions.add_plan import add_plan
from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registration, register_app
from payment_service.books.serve_endpoint import HEALTHY
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import SystemClock, monotonic
from payment_service.kit.database import open_database
from payment_service.kit.statements import Transaction, command, param, save
from payment_service.migrations.upgrade import connected
from payment_service.model.app import App
from payment_service.model.attempt import attempts as delivery_attempts
from payment_service.model.charge import charges
from payment_service.model.delivery import deliveries
from payment_service.outside.pakasir_settings import PakasirSettings
from payment_service.runtime import Runtime
from tests.cli.commands import COMMAND, Operator
from tests.counts import times
from tests.faults.test_worker_killed import Sink
from tests.hearing import free_port
from tests.invariants import check_invariants, row_counts
from tests.seeds import SEED
from tests.service import API_KEY, KEY, NOTICE_SECRET, PROJECT, Pakasir, running_pakasir
from tests.story import FAST, PLANS

APPS, ENDPOINTS = 2, 4
TENANTS = times(60, 1_000, push=400)
"""Who come before anything is killed."""
SHARE = times(0, 10, push=10)
"""More percent than this fall to each. In a load of seconds how much is luck: who finds an endpoint
free keeps it for some ten of them."""
ROUNDS = times(1, 5)
"""Of killing each of the four."""
DEATHS = 2 * ROUNDS
"""Of workers."""
AT_ONCE = 4
IN_HAND = 2 * APPS * ENDPOINTS * HEALTHY
"""Messages with which a worker dies, at most, that had arrived and go again: what was under way to
all endpoints, and what had ended in the hundredths of a second before and was not written down."""
TAKEN_OVER = '"endpoint_taken_over"'
PATIENCE = 90.0
"""Seconds: a lease that died with its process lasts 15 s."""
TIME_HAS_PASSED = command(
    update(charges)
    .where(charges.c.id == param("id"))
    .values(check_at=param("now"), version=charges.c.version + 1)
)
"""The two minutes after which a code that was shown is asked about."""
READY = re.compile(
    r"(?:listening on (?P<origin>\S+)|the worker is running, .* port (?P<port>\d+))$", re.M
)


class Process:
    """One that is started, killed and started again by hand."""

    def __init__(self, operator: Operator, name: str, *arguments: str) -> None:
        self._operator = operator
        self._arguments = arguments
        self._log = operator.folder / f"{name}.log"
        self._running: subprocess.Popen[bytes] | None = None
        self.origin = ""

    async def begins(self) -> None:
        """Until it says that it has."""
        began_at = self._log.stat().st_size if self._log.exists() else 0
        self._running = self._started()
        async with asyncio.timeout(PATIENCE):
            while not (found := READY.search(said := self._log.read_text()[began_at:])):
                assert self._running.poll() is None, said
                await asyncio.sleep(0.05)
        self.origin = found["origin"] or f"http://127.0.0.1:{found['port']}"

    async def dies(self) -> None:
        assert self._running is not None
        assert self._running.poll() is None, self._log.read_text()
        self._running.kill()
        assert await asyncio.to_thread(self._running.wait, 10) == -signal.SIGKILL

    async def ends(self) -> None:
        assert self._running is not None
        self._running.terminate()
        assert await asyncio.to_thread(self._running.wait, 40) == 0, self._log.read_text()

    def is_over(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [COMMAND, *self._arguments],
                cwd=self._operator.folder,
                env=self._operator.environment({}),
                stdout=log,
                stderr=log,
            )

    def has_sent_twice(self) -> int:
        """At most, as it has said itself each time that it had lost an endpoint."""
        lines = [line for line in self._log.read_text().splitlines() if TAKEN_OVER in line]
        return sum(msgspec.json.decode(line)["twice_at_most"] for line in lines)

    async def has_counted(self, name: str) -> int:
        """What it has done itself, whatever came of it."""
        async with aiohttp.ClientSession() as http, http.get(self.origin + "/metrics") as answer:
            told = (await answer.read()).decode()
        return sum(
            int(sample.value)
            for family in text_string_to_metric_families(told)
            for sample in family.samples
            if sample.name == f"payment_service_{name}"
        )


class Shop(NamedTuple):
    """An app, and what it asks with."""

    app: App
    api_key: str


def opened(tx: Transaction, runtime: Runtime, pakasir: Pakasir, sink: Sink, number: int) -> Shop:
    """One with a plan, a project at the gateway and some endpoints."""
    now = runtime.clock.now()
    project = PakasirSettings(PROJECT, API_KEY, NOTICE_SECRET, pakasir.origin)
    wanted = Registration(name=f"App {number}", mode="test", pakasir=project)
    done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
    save(tx, done.app, msgspec.structs.replace(done.app, requests_per_second=FAST))
    add_plan(tx, done.app.id, PLANS[0], now)
    for place in range(ENDPOINTS):
        url = f"http://127.0.0.1:{sink.port}/{number}/{place}"
        create_endpoint(tx, done.app, NewEndpoint(url), runtime.secrets, runtime.targets, now)
    return Shop(done.app, done.api_key)


class Load:
    """Tenants who come to either web and pay. Every other is told of by a notice, which a web goes
    into; of the rest nobody is told, so that a worker has to ask."""

    def __init__(
        self, runtime: Runtime, pakasir: Pakasir, shops: Sequence[Shop], webs: Sequence[Process]
    ) -> None:
        self._runtime = runtime
        self._pakasir = pakasir
        self._shops = shops
        self._webs = cycle(webs)
        self._http = aiohttp.ClientSession()
        self._came = 0
        self.orders: list[str] = []
        """What is paid for at the gateway."""

    async def come(self, tenants: int) -> None:
        """So many, some at a time."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with gate:
                await self._comes()

        await asyncio.gather(*(one() for _ in range(tenants)))

    async def keep_coming(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.come(AT_ONCE)

    async def close(self) -> None:
        await self._http.close()

    async def _comes(self) -> None:
        self._came += 1
        number = self._came
        shop = self._shops[number // 2 % len(self._shops)]
        headers = {
            "Authorization": f"Bearer {shop.api_key}",
            "Idempotency-Key": f"tenant-{number:08}",
            "Content-Type": "application/json",
        }
        body = {"customer": {"reference": f"tenant-{number}", "name": "Jaya"}, "plan": "bulanan"}
        made = msgspec.json.decode(
            await self._asks("/v1/subscriptions", msgspec.json.encode(body), headers)
        )
        code = await open_charge(self._runtime, shop.app.id, made["open_invoice"]["id"])
        notice = await self._pakasir.receives_money(code.charge.id)
        self.orders.append(code.charge.id)
        if number % 2:
            secret = {"X-Secret": NOTICE_SECRET}
            await self._asks(f"/gateway/pakasir/{shop.app.id}", notice, secret)
        else:
            now = self._runtime.clock.now()
            await self._runtime.db.write(
                lambda tx: tx.run(TIME_HAS_PASSED, id=code.charge.id, now=now)
            )

    async def _asks(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """The one or the other, until it is answered."""
        ends = monotonic() + PATIENCE
        while monotonic() < ends:
            with suppress(aiohttp.ClientError):
                url = next(self._webs).origin + path
                async with self._http.post(url, data=body, headers=headers) as answer:
                    said = await answer.read()
                    if answer.status < 300:
                        return said
                # A key whose process died with its answer under way is held for a while.
                assert answer.status in (409, 503), said
            await asyncio.sleep(0.05)
        raise AssertionError(f"nobody answers: {path}")


def count_of(url: str, statement: Select[Any]) -> int:
    with connected(url) as connection:
        return int(connection.scalar(statement) or 0)


UNPAID = select(func.count()).select_from(charges).where(charges.c.status != "paid")
ATTEMPTS = select(func.count()).select_from(delivery_attempts)
IN_VAIN = ATTEMPTS.where(delivery_attempts.c.status.is_(None))
"""To which no answer was heard: those may have arrived, and are made again."""
UNDELIVERED = select(func.count()).select_from(deliveries).where(deliveries.c.status != "delivered")


async def all_is_done(url: str) -> None:
    ends = monotonic() + PATIENCE
    while (left := (count_of(url, UNPAID), count_of(url, UNDELIVERED))) != (0, 0):
        assert monotonic() < ends, f"unpaid and undelivered: {left}"
        await asyncio.sleep(0.2)


async def all_is_told(url: str, sink: Sink, workers: Sequence[Process]) -> None:
    """Of each message what came of it, and of those that went twice why: a worker that stood still
    does so when it has come to itself, and what it served has long been done by another."""
    ends = monotonic() + PATIENCE
    while True:
        in_vain = count_of(url, IN_VAIN)
        unwritten = sink.messages - count_of(url, ATTEMPTS)
        untold = sink.messages - len(sink.arrived) - in_vain
        untold -= sum(one.has_sent_twice() for one in workers)
        if -in_vain <= unwritten <= 0 and untold <= 0:
            return
        assert monotonic() < ends, f"unwritten: {unwritten}, twice and not told of: {untold}"
        await asyncio.sleep(0.2)


@pytest.mark.timeout(times(240, 1_200))
async def test_four_processes_share_the_work_do_it_once_and_lose_nothing_with_any_of_them(
    postgres_url: str, tmp_path: Path
) -> None:
    """Nothing is asked about, settled or told twice while all live. But a busy machine may let a
    worker stand still for three seconds, which nobody can tell from death: another takes what it
    serves, and it says of how many messages both may have sent. Where none has said so none goes
    twice. Of those who die the same holds of what they had sent and could not write down."""
    codes = open_database(f"sqlite:///{tmp_path}/pakasir.sqlite3")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(codes.close)
        sink = await stack.enter_async_context(Sink().open())
        pakasir = await stack.enter_async_context(running_pakasir(codes, SystemClock()))
        targets = f"127.0.0.1:{sink.port},127.0.0.1:{pakasir.port}"
        settings = Settings(
            database_url=postgres_url, secret_key=SecretStr(KEY), private_targets=targets
        )
        runtime = await open_runtime(settings, paced=False)
        stack.push_async_callback(runtime.close)
        shops = [
            await runtime.db.write(opened, runtime, pakasir, sink, number) for number in range(APPS)
        ]
        operator = Operator(
            tmp_path, database_url=postgres_url, secret_key=KEY, private_targets=targets
        )
        # Ports that nobody else is given while who died is not there yet: they are asked meanwhile.
        webs = [
            Process(operator, f"web{n}", "serve", "--no-worker", "--port", f"{free_port()}")
            for n in "12"
        ]
        workers = [
            Process(operator, f"worker{n}", "worker", "--port", f"{free_port()}") for n in "12"
        ]
        for one in (*webs, *workers):
            stack.callback(one.is_over)
        await asyncio.gather(*(one.begins() for one in (*webs, *workers)))
        load = Load(runtime, pakasir, shops, webs)
        stack.push_async_callback(load.close)

        await load.come(TENANTS)
        await all_is_done(postgres_url)
        await all_is_told(postgres_url, sink, workers)
        rows = row_counts(postgres_url)
        assert rows["payments"] == rows["subscriptions"] == TENANTS
        assert Counter(pakasir.asked.values()) == {1: TENANTS}
        assert rows["deliveries"] == len(sink.arrived)
        by_notice = [await one.has_counted("payments_total") for one in webs]
        by_sweep = [await one.has_counted("payments_total") for one in workers]
        sent = [await one.has_counted("deliveries_total") for one in workers]
        for shares, whole in (
            (by_notice, TENANTS // 2),
            (by_sweep, TENANTS // 2),
            (sent, rows["delivery_attempts"]),
        ):
            assert sum(shares) == whole, shares
            assert 100 * min(shares) > SHARE * whole, shares

        over, dice = asyncio.Event(), Random(SEED)
        coming = asyncio.create_task(load.keep_coming(over))
        try:
            for one in (*webs, *workers) * ROUNDS:
                await asyncio.sleep(dice.uniform(0, 0.3))
                await one.dies()
                await one.begins()
                assert not coming.done(), coming
        finally:
            over.set()
            await coming
        await all_is_done(postgres_url)
        await asyncio.gather(*(one.ends() for one in (*webs, *workers)))
    tenants = len(load.orders)
    rows = row_counts(postgres_url)
    assert rows["payments"] == rows["subscriptions"] == rows["customers"] == tenants > TENANTS
    assert len(pakasir.asked) == tenants
    in_vain = count_of(postgres_url, IN_VAIN)
    unwritten = sink.messages - (rows["delivery_attempts"] - in_vain)
    assert 0 <= unwritten <= DEATHS * IN_HAND + in_vain
    twice = sink.messages - len(sink.arrived)
    assert twice <= unwritten + in_vain + sum(one.has_sent_twice() for one in workers)
    assert len(sink.bodies) == rows["events"]
    assert len(sink.arrived) == rows["deliveries"] == rows["events"] * ENDPOINTS
    assert all(len(bodies) == 1 for bodies in sink.bodies.values())
    check_invariants(postgres_url)
