"""The service itself and the machines around it, started inside a test's loop on real sockets."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

import aiohttp
import msgspec
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from payment_service.actions.cancel_codes import cancel_code, lease_codes_to_cancel
from payment_service.actions.deliver import Courier
from payment_service.actions.expire_invoices import expire_invoices
from payment_service.actions.give_up_deliveries import give_up_deliveries
from payment_service.actions.run_billing import run_billing
from payment_service.actions.send_reminders import send_reminders
from payment_service.actions.verify_charges import claim_due_charges, verify_charge
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import Clock
from payment_service.kit.crypto import new_key
from payment_service.kit.database import Database
from payment_service.kit.door import address_of, listening
from payment_service.kit.passwords import Passwords
from payment_service.kit.serving import serve_until_stopped
from payment_service.kit.statements import query, rows_of
from payment_service.model.app import APPS
from payment_service.model.billing_run import BillingRun, wants_run
from payment_service.outside.simulator.codes import SimulatedCode, complete, create_table, get
from payment_service.outside.simulator.faults import Faults
from payment_service.outside.simulator.notices import Notice
from payment_service.outside.simulator.server import simulator_app
from payment_service.outside.simulator.settings import SimulatorSettings
from payment_service.outside.simulator.v2 import told
from payment_service.outside.webhook_client import WebhookClient
from payment_service.runtime import GatewayOf, Runtime
from payment_service.web.app import web_app
from payment_service.worker import Worker
from tests import documented
from tests.hearing import free_port

KEY = new_key()
PROJECT = "bukubengkel"
API_KEY = "kunci-proyek"
NOTICE_SECRET = "rahasia-kabar"
ALL_CODES = query(rows_of(SimulatedCode), SimulatedCode)


class Answer(NamedTuple):
    """What came back of a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Service:
    """A running service. Its worker takes turns when it is told to, unless it runs by itself."""

    def __init__(
        self, origin: str, web: Starlette, runtime: Runtime, http: aiohttp.ClientSession
    ) -> None:
        self.origin = origin
        self.web = web
        self.runtime = runtime
        self.http = http

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        url = path if path.startswith("http") else self.origin + path
        async with self.http.request(method, url, allow_redirects=False, **options) as response:
            answer = Answer(response.status, response.headers, await response.read())
        if url.startswith(self.origin):
            documented.check(self.web, method, path, answer.status, answer.body)
        return answer

    async def rest(self) -> None:
        """Until every verification that a notice began has ended."""
        await self.web.state.verifying.finish()

    async def sweep(self) -> int:
        """Ask about the charges that are due, 16 of an app; tells how many those were."""
        due = await claim_due_charges(self.runtime, Counter())
        await asyncio.gather(*(verify_charge(self.runtime, *one) for one in due))
        return len(due)

    async def bill(self) -> list[BillingRun]:
        """What the worker does by the calendar: void what timed out, run the day's billing of each
        app that has none yet, send reminders."""
        runs = []
        for app in await self.runtime.db.read(lambda tx: tx.all(APPS)):
            await expire_invoices(self.runtime, app)
            now = self.runtime.clock.now()
            if await self.runtime.db.read(wants_run, app, app.at(now), now):
                runs.append(await run_billing(self.runtime, app))
            await send_reminders(self.runtime, app)
        return runs

    async def cancel_codes(self) -> None:
        due = await lease_codes_to_cancel(self.runtime, 0)
        await asyncio.gather(*(cancel_code(self.runtime, charge) for charge in due))

    async def deliver(self) -> None:
        """Send what is due now, and what falls due meanwhile."""
        await Courier(self.runtime).deliver_all()
        while await give_up_deliveries(self.runtime):
            pass

    async def answers_advances_within(self, seconds: float) -> None:
        """An advance of a test app's clock that takes longer goes on after its answer."""
        self.web.state.advances.answer_within = seconds


@asynccontextmanager
async def running_service(
    database_url: str,
    clock: Clock,
    *,
    targets: Collection[str] = (),
    gateway_of: GatewayOf | None = None,
    webhooks: WebhookClient | None = None,
    with_worker: bool = False,
    paced: bool = False,
    passwords: Passwords | None = None,
    trusted_proxies: str = "127.0.0.1",
    host: str = "127.0.0.1",
    base_url: str | None = None,
    key: str = KEY,
) -> AsyncIterator[Service]:
    """`targets` are the private addresses, `host:port`, that it may connect to. `host` is what it
    is called by: passkeys belong to names. `base_url` is where others find it, when not there."""
    with listening("127.0.0.1", 0) as door:
        origin = address_of(door).replace("127.0.0.1", host)
        settings = Settings(
            database_url=database_url,
            base_url=base_url or origin,
            private_targets=",".join(targets),
            secret_key=SecretStr(key),
        )
        runtime = await open_runtime(settings, clock=clock, make_schema=True, paced=paced)
        if gateway_of is not None:
            runtime = msgspec.structs.replace(runtime, gateway_of=gateway_of)
        if webhooks is not None:
            runtime = msgspec.structs.replace(runtime, webhooks=webhooks)
        if passwords is not None:
            runtime = msgspec.structs.replace(runtime, passwords=passwords)
        app = web_app(runtime)
        worker = Worker(runtime)
        serving = asyncio.create_task(
            serve_until_stopped(
                app, door, timeout_graceful_shutdown=2, forwarded_allow_ips=trusted_proxies
            )
        )
        working = asyncio.create_task(worker.run()) if with_worker else None
        try:
            # As many as have a place at once: on a busy machine more could wait for over a second.
            # Connections of which the server may be about to tire are not used again.
            connector = aiohttp.TCPConnector(limit=50, keepalive_timeout=2)
            async with aiohttp.ClientSession(connector=connector) as http:
                yield Service(origin, app, runtime, http)
        finally:
            worker.stop()
            if working is not None:
                await working
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
            await runtime.close()


class Pakasir:
    """The gateway: its simulator over real HTTP, with a switch, a gate and a way to be paid."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        sandbox: bool,
        limits: bool,
        faults: Faults | None = None,
        version: Literal["v1", "v2"] = "v2",
    ) -> None:
        self.db = db
        self.clock = clock
        self.port = free_port()
        self.notice_url = ""
        self.muted = False
        """Whether its notices get lost."""
        self.breaks_its_answers = False
        """Whether the checksum of every code that it hands out is wrong."""
        self.calls: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        """Status calls, by transaction."""
        self.asked_at: defaultdict[str, list[datetime]] = defaultdict(list)
        """When, by the gateway's clock."""
        self._held_kind = ""
        self._held: list[str] = []
        self._gate = asyncio.Condition()
        self._settings = SimulatorSettings(
            project=PROJECT,
            api_key=API_KEY,
            webhook_url="",
            webhook_secret=NOTICE_SECRET,
            sandbox=sandbox,
            limits=limits,
            api=version,
        )
        self._faults = faults
        self._app = simulator_app(db, clock, self._settings, self._send_notice, faults=faults)
        self._serving: asyncio.Task[None] | None = None
        self._up = asyncio.Event()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._up.clear()
        self._serving = asyncio.create_task(self._serve())
        await self._up.wait()

    async def stop(self) -> None:
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving

    def tells_as(self, version: Literal["v1", "v2"]) -> None:
        """Its notices have that version's shape from here on."""
        self._settings = msgspec.structs.replace(self._settings, api=version)
        self._app = simulator_app(
            self.db, self.clock, self._settings, self._send_notice, faults=self._faults
        )

    def hold(self, kind: str) -> None:
        """Answers to calls of this kind are kept back from here on; what they say is settled."""
        self._held_kind = kind

    async def holds(self, count: int) -> None:
        """Until so many answers are kept back."""
        async with asyncio.timeout(30), self._gate:
            await self._gate.wait_for(lambda: len(self._held) >= count)

    async def let_go(self) -> None:
        self._held_kind = ""
        async with self._gate:
            self._gate.notify_all()

    async def only_order(self) -> str:
        """The order id of the one code it has made."""
        (code,) = await self.db.read(lambda tx: tx.all(ALL_CODES))
        return code.order_id

    async def code(self, order_id: str) -> SimulatedCode:
        found = await self.db.read(get, PROJECT, order_id, self.clock.now())
        assert found is not None, f"the gateway has no order {order_id}"
        return found

    async def receives_money(self, order_id: str) -> bytes:
        """The payer pays; gives the notice that the gateway would send."""
        code = await self.code(order_id)
        paid = await self.db.write(complete, code.reference, self.clock.now())
        assert paid is not None
        assert paid.status == "completed"
        return msgspec.json.encode(told(paid))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = scope["path"].removeprefix("/api/v2").removeprefix("/api").split("/")
        kind = parts[1] if scope["path"].startswith("/api/") else "page"
        self.calls[kind] += 1
        if kind in ("transaction-status", "transactiondetail"):
            asked = scope["path"].rpartition("/")[2]
            if kind == "transactiondetail":
                asked = dict(parse_qsl(scope["query_string"].decode()))["order_id"]
            self.asked[asked] += 1
            self.asked_at[asked].append(self.clock.now())

        async def through_the_gate(message: Message) -> None:
            if kind == self._held_kind:
                async with self._gate:
                    self._held.append(kind)
                    self._gate.notify_all()
                    await self._gate.wait_for(lambda: kind != self._held_kind)
            if self.breaks_its_answers and message["type"] == "http.response.body":
                message["body"] = re.sub(rb'6304....(?=")', b"6304XXXX", message["body"])
            await send(message)

        await self._app(scope, receive, through_the_gate)

    async def _serve(self) -> None:
        with listening("127.0.0.1", self.port) as door:
            self._up.set()
            await serve_until_stopped(self, door, lifespan="off", timeout_graceful_shutdown=1)

    async def _send_notice(self, notice: Notice) -> None:
        if self.muted:
            return
        headers = {"Content-Type": notice.content_type}
        if self._settings.api == "v2":
            headers["X-Secret"] = NOTICE_SECRET
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.notice_url, data=bytes(notice), headers=headers) as response,
        ):
            assert response.status == 200


@asynccontextmanager
async def running_pakasir(
    db: Database,
    clock: Clock,
    *,
    sandbox: bool = True,
    limits: bool = False,
    faults: Faults | None = None,
    version: Literal["v1", "v2"] = "v2",
) -> AsyncIterator[Pakasir]:
    """`db` is the gateway's own."""
    await db.write(create_table, db.dialect)
    pakasir = Pakasir(db, clock, sandbox=sandbox, limits=limits, faults=faults, version=version)
    await pakasir.start()
    try:
        yield pakasir
    finally:
        await pakasir.let_go()
        await pakasir.stop()
