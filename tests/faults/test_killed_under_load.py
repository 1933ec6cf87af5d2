"""kill -9 under load of the web process, the worker or the billing run, whichever comes up: every
write that was acknowledged is there, once, and who was killed is back within seconds."""

import asyncio
import signal
import subprocess
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import aiohttp
import msgspec
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from payment_service.actions.add_plan import add_plan
from payment_service.actions.create_key import create_key
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction, param, save, value
from payment_service.migrations.upgrade import connected
from payment_service.model.answer import answers
from payment_service.model.app import App, app_by_id
from payment_service.model.billing_run import billing_runs
from payment_service.model.delivery import deliveries
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.notice import notices
from payment_service.model.payment import payments
from payment_service.model.subscription import subscriptions
from payment_service.outside.simulator.codes import complete, simulated_codes
from payment_service.runtime import Runtime
from tests.cli.commands import Operator, Serving
from tests.cores import without_a_core
from tests.counts import times
from tests.faults.test_billing_killed import TRIAL
from tests.faults.test_worker_killed import Sink, Workers
from tests.invariants import check_invariants
from tests.seeds import seeds
from tests.service import KEY
from tests.story import FAST, PLANS

KILLS = times(1, 10, push=10)
"""In one life of an installation."""
LIVES = {"sqlite": times(1, 100, push=10), "postgresql": times(1, 30, push=3)}
RUNS = value(select(func.count()).select_from(billing_runs), int)
VICTIMS = ("web", "worker", "billing run")
CLIENTS = 16
TENANTS = 300
"""Of the app that is billed, more of whom come before each run."""
RENEWED_AFTER = timedelta(days=8)
"""Of a trial of 14 days the renewal is issued seven days before its end."""
REFERENCE = value(
    select(simulated_codes.c.reference).where(simulated_codes.c.order_id == param("order")), str
)
PATIENCE = 60.0
READY = 5.0
"""Seconds to the first answer after a start, without those in which others had the processors."""
DEADLINE = 20.0
"""Of a client's request."""


class Shops(NamedTuple):
    """The one that the clients use, and the one whose billing is run."""

    busy: App
    api_key: str
    secret: str
    billed: App


def opens(tx: Transaction, runtime: Runtime, hook: str) -> Shops:
    now = runtime.clock.now()

    def register(name: str) -> tuple[App, str]:
        wanted = Registration(name, "test", webhook_url=hook)
        done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
        for plan in (PLANS[0], TRIAL):
            add_plan(tx, done.app.id, plan, now)
        rated = msgspec.structs.replace(done.app, requests_per_second=FAST, cancel_after_days=None)
        return save(tx, done.app, rated), runtime.secrets.open(rated.gateway_webhook_secret or "")

    (busy, secret), (billed, _) = register("Ramai"), register("Harian")
    _, api_key = create_key(tx, busy.id, "owner", ("read", "write", "admin"), now)
    return Shops(busy, api_key, secret, billed)


class Client:
    """Asks for one thing after another, and for each again until it is acknowledged."""

    def __init__(self, load: "Load", number: int) -> None:
        self._load = load
        self._number = number
        self._made = 0

    async def goes_on(self) -> None:
        while not self._load.over.is_set():
            self._made += 1
            name = f"c{self._number}-{self._made}"
            deed = self._load.dice.choice((self._subscribes_and_pays, self._is_billed))
            await deed(name)

    async def _subscribes_and_pays(self, name: str) -> None:
        load = self._load
        body = {"customer": {"reference": name}, "plan": PLANS[0].code}
        made = await load.asks("/v1/subscriptions", body, key=f"sub-{name}")
        load.subscriptions.add(made["id"])
        code = await load.asks(f"/v1/invoices/{made['open_invoice']['id']}/qris", None)
        charge_id = code["charge_id"]
        await load.is_paid(charge_id)
        path = f"/gateway/pakasir/{load.shops.busy.id}"
        await load.asks(path, {"order_id": charge_id, "status": "completed"})
        load.notices.add(charge_id)

    async def _is_billed(self, name: str) -> None:
        """Twice under one key: the second is the same answer."""
        body = {
            "customer": {"reference": name},
            "lines": [{"description": "Pemasangan", "amount": 10_000}],
        }
        first, second = [
            await self._load.asks("/v1/invoices", body, key=f"inv-{name}") for _ in range(2)
        ]
        assert first == second
        self._load.invoices.add(first["id"])


class Load:
    """What the clients were told, wherever the web process listens just now."""

    def __init__(self, runtime: Runtime, shops: Shops, dice: Random) -> None:
        self.runtime, self.shops, self.dice = runtime, shops, dice
        self.over = asyncio.Event()
        self.origin = ""
        self.subscriptions: set[str] = set()
        self.invoices: set[str] = set()
        self.notices: set[str] = set()
        self._up = asyncio.Event()

    @property
    def acknowledged(self) -> int:
        return len(self.subscriptions) + len(self.invoices) + len(self.notices)

    async def asks(self, path: str, body: Any, key: str | None = None) -> Any:
        """Until there is an answer. Whoever died with the request in hand keeps its key for a
        minute: deeds of several steps are asked for without one."""
        headers = {"authorization": f"Bearer {self.shops.api_key}", "x-secret": self.shops.secret}
        if key is not None:
            headers["idempotency-key"] = key
        while True:
            await self._up.wait()
            try:
                async with self.http.post(self.origin + path, json=body, headers=headers) as answer:
                    told = await answer.read()
                    if answer.status in (200, 201):
                        return msgspec.json.decode(told) if told else None
                    assert answer.status in (409, 429, 503), (path, answer.status, told)
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.05)

    async def is_paid(self, charge_id: str) -> None:
        """At the gateway, which nobody kills."""

        def pay(tx: Transaction) -> None:
            reference = tx.one(REFERENCE, order=charge_id)
            assert complete(tx, reference or "", self.runtime.clock.now()) is not None

        await self.runtime.db.write(pay)

    def is_up(self, origin: str) -> None:
        self.origin = origin
        self._up.set()

    def is_down(self) -> None:
        self._up.clear()

    async def __aenter__(self) -> "Load":
        limit = aiohttp.TCPConnector(limit=CLIENTS, force_close=True)
        timeout = aiohttp.ClientTimeout(total=DEADLINE)
        self.http = aiohttp.ClientSession(connector=limit, timeout=timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()


class Installation:
    """Three processes on one database, of which one is killed and started again at a time."""

    def __init__(self, operator: Operator, runtime: Runtime, load: Load, dice: Random) -> None:
        self._operator, self._runtime, self._load, self._dice = operator, runtime, load, dice
        self._workers = Workers(operator)
        self._serving: Any = None
        self.starts: list[float] = []
        self.tenants = 0
        self.killed: list[str] = []
        self._day = timedelta(0)

    async def begins(self) -> None:
        await self._web_starts()
        await self._workers.one_more()

    async def kills(self, victim: str) -> None:
        """After 0.1 to 0.6 s of load."""
        deed: Callable[[], Awaitable[None]] = {
            "web": self._kills_web, "worker": self._kills_worker, "billing run": self._kills_run
        }[victim]  # fmt: skip
        before = self._load.acknowledged
        await deed()
        self.killed.append(victim)
        async with asyncio.timeout(PATIENCE):
            while self._load.acknowledged == before:  # noqa: ASYNC110 - many clients, no event
                await asyncio.sleep(0.02)

    async def bills_all(self) -> None:
        run = await self._run_starts()
        _, said = await asyncio.to_thread(run.communicate, None, 60)
        assert run.returncode == 0, said

    async def ends(self) -> None:
        await self._workers.stop()
        self._web.process.terminate()
        assert await asyncio.to_thread(self._web.process.wait, 30) == 0

    def kill_all(self) -> None:
        self._workers.kill_all()
        if self._serving is not None:
            self._serving.__exit__(None, None, None)

    async def _kills_web(self) -> None:
        await self._pause()
        self._load.is_down()
        self._web.process.kill()
        assert await asyncio.to_thread(self._web.process.wait, 10) == -signal.SIGKILL
        await self._web_starts()

    async def _kills_worker(self) -> None:
        await self._pause()
        await self._workers.kill_the_oldest()
        await self._workers.one_more()

    async def _kills_run(self) -> None:
        run = await self._run_starts()
        begun = await self._runs()
        while await self._runs() == begun and run.poll() is None:  # noqa: ASYNC110 - its process
            await asyncio.sleep(0.005)
        await asyncio.sleep(self._dice.uniform(0, 0.3))
        run.kill()
        await asyncio.to_thread(run.communicate)

    async def _runs(self) -> int | None:
        return await self._runtime.db.read(lambda tx: tx.one(RUNS))

    async def _pause(self) -> None:
        await asyncio.sleep(self._dice.uniform(0.1, 0.6))

    async def _web_starts(self) -> None:
        if self._serving is not None:
            self._serving.__exit__(None, None, None)
        began = monotonic()
        self._serving = self._operator.serving(with_worker=False)
        self._web: Serving = await asyncio.to_thread(self._serving.__enter__)
        async with self._load.http.get(f"{self._web.origin}/healthz/ready") as answer:
            assert answer.status == 200, await answer.text()
        seconds = monotonic() - began
        self.starts.append(seconds - without_a_core(self._web.process.pid))
        self._load.is_up(self._web.origin)

    async def _run_starts(self) -> "subprocess.Popen[str]":
        """On a day on which the trials of those who just came, and of all before them, are over."""
        self._day += RENEWED_AFTER
        first, self.tenants = self.tenants, self.tenants + TENANTS

        def come(tx: Transaction) -> str:
            billed = app_by_id(tx, self._load.shops.billed.id)
            now = billed.at(self._runtime.clock.now())
            for number in range(first, self.tenants):
                who = Subscriber(f"tenant-{number}")
                subscribe(tx, billed, self._runtime.links, who, TRIAL.code, None, {}, now)
            seconds = int(self._day.total_seconds())
            save(tx, billed, msgspec.structs.replace(billed, clock_offset=seconds))
            return billed.id

        billed_id = await self._runtime.db.write(come)
        return self._operator.starts("run-billing", "--app", billed_id)


def names(url: str, column: Any) -> set[str]:
    with connected(url) as connection:
        return {str(one) for one in connection.scalars(select(column))}


async def everything_arrives(url: str, sink: Sink, noticed: set[str]) -> None:
    """Money in the books, and messages at the receiver; a lease that died with its process lasts
    15 s at most."""
    ends = monotonic() + PATIENCE
    while True:
        unpaid = noticed - names(url, payments.c.charge_id)
        unheard = names(url, events.c.id) - {one.id for one in sink.arrived}
        if not unpaid and not unheard:
            return
        assert monotonic() < ends, f"{len(unpaid)} not settled, {len(unheard)} not heard"
        await asyncio.sleep(0.5)


def lives(kind: str) -> list[Any]:
    return [pytest.param(kind, seed, id=f"{kind}-{seed}") for seed in seeds(LIVES[kind])]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kind", "seed"), [*lives("sqlite"), *lives("postgresql")])
async def test_what_was_acknowledged_is_there_whoever_was_killed(
    kind: str, seed: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[kind])
    dice = Random(f"{seed} {kind}")
    async with Sink().open() as sink:
        target = f"127.0.0.1:{sink.port}"
        settings = Settings(database_url=url, secret_key=SecretStr(KEY), private_targets=target)
        runtime = await open_runtime(settings)
        shops = await runtime.db.write(opens, runtime, f"http://{target}/hook")
        operator = Operator(tmp_path, database_url=url, secret_key=KEY, private_targets=target)
        async with Load(runtime, shops, dice) as load:
            installation = Installation(operator, runtime, load, dice)
            clients = [
                asyncio.create_task(Client(load, number).goes_on()) for number in range(CLIENTS)
            ]
            try:
                await installation.begins()
                for _ in range(KILLS):
                    await installation.kills(dice.choice(VICTIMS))
                load.over.set()
                async with asyncio.timeout(PATIENCE):
                    await asyncio.gather(*clients)
                await installation.bills_all()
                await everything_arrives(url, sink, load.notices)
                await installation.ends()
                await runtime.close()
            finally:
                for client in clients:
                    client.cancel()
                installation.kill_all()
    assert load.subscriptions <= names(url, subscriptions.c.id)
    assert load.invoices <= names(url, invoices.c.id)
    assert load.notices <= names(url, notices.c.charge_id) & names(url, payments.c.charge_id)
    check_each_once(url, shops, installation)
    check_invariants(url)
    assert max(installation.starts) <= READY, installation.starts
    print(  # noqa: T201 - figures
        f"{len(installation.killed)} kills, {load.acknowledged} acknowledged, "
        f"ready after {max(installation.starts):.1f} s at most"
    )


def check_each_once(url: str, shops: Shops, installation: Installation) -> None:
    with connected(url) as connection:
        keys = connection.scalar(select(func.count()).select_from(answers))
        made = connection.scalar(
            select(func.count()).select_from(invoices).where(invoices.c.app_id == shops.busy.id)
        )
        assert made == keys, "invoices of the busy app, each made under a key of its own"
        billed = select(func.count(), func.count(invoices.c.subscription_id.distinct())).where(
            invoices.c.app_id == shops.billed.id
        )
        assert tuple(connection.execute(billed).one()) == (installation.tenants,) * 2
        late = select(func.count()).where(deliveries.c.status != "delivered")
        assert connection.scalar(late.select_from(deliveries)) == 0
