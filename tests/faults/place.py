"""A small installation that lives on when its process dies: books, gateway, and who is told."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import func, select

from payment_service.actions.add_plan import add_plan
from payment_service.actions.cancel_codes import cancel_code, lease_codes_to_cancel
from payment_service.actions.check_invariants import check_invariants
from payment_service.actions.create_key import create_key
from payment_service.actions.deliver import Courier
from payment_service.actions.expire_invoices import expire_invoices
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.resend import go_on_with_resends
from payment_service.actions.run_billing import run_billing
from payment_service.actions.send_reminders import send_reminders
from payment_service.actions.verify_charges import claim_due_charges, verify_charge
from payment_service.config import Settings, open_runtime
from payment_service.kit.database import Database, open_database
from payment_service.kit.statements import Transaction, save, value
from payment_service.model.app import App, app_by_id
from payment_service.model.billing_run import wants_run
from payment_service.model.charge import CHARGE, charges
from payment_service.model.event import events
from payment_service.model.payment import payments
from payment_service.outside.gateway import Gateway
from payment_service.outside.simulator.codes import SimulatedCode, complete, create_table
from payment_service.outside.simulator.gateway import SimulatedGateway
from payment_service.runtime import Runtime
from payment_service.web.app import Application, web_app
from tests.clocks import HandClock
from tests.faults.boundaries import Crossed, CrossedGateway, Passes, Receivers, messages
from tests.service import ALL_CODES, KEY
from tests.story import FAST, PLANS

NOW = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
SECRET = "rahasia-kabar"
HOOK = "https://app.example.com/hook"
_order = func.coalesce(charges.c.order_id, charges.c.id)
ORDERS = value(select(_order), str)
EVENT_IDS = value(select(events.c.id), str)
PAID_ORDERS = value(select(_order).join(payments, payments.c.charge_id == charges.c.id), str)


class Ground(msgspec.Struct, frozen=True):
    """What outlives a process: two databases, what was heard, and names of what there is."""

    url: str
    gateway_url: str
    heard: Path
    secret_key: str
    app_id: str = ""
    api_key: str = ""
    names: dict[str, str] = {}


class Answer(NamedTuple):
    status: int
    json: Any


class Place:
    """A process at work on that ground."""

    def __init__(
        self, ground: Ground, runtime: Runtime, gateways_own: Database, clock: HandClock
    ) -> None:
        self.ground = ground
        self.runtime = runtime
        self.gateways_own = gateways_own
        self.clock = clock
        self.web: Application = web_app(runtime)
        self.http = AsyncClient(transport=ASGITransport(self.web), base_url="http://localhost")
        self.names = dict(ground.names)

    async def asks(self, path: str, body: Any = None, key: str | None = None) -> Answer:
        """A POST of the app's, which may do all that owners do."""
        headers = {"authorization": f"Bearer {self.ground.api_key}"}
        if key is not None:
            headers["idempotency-key"] = key
        answer = await self.http.post(path, json=body, headers=headers)
        return Answer(answer.status_code, answer.json() if answer.content else None)

    async def does(self, path: str, body: Any = None, key: str | None = None) -> None:
        """Asks for it, or again for what is done or is still claimed by who died."""
        answer = await self.asks(path, body, key)
        assert answer.status in (200, 201, 409), answer

    async def made(self, path: str, body: Any = None) -> Any:
        answer = await self.asks(path, body)
        assert answer.status in (200, 201), answer
        return answer.json

    async def subscribes(self, who: str, plan: str) -> Any:
        return await self.made(
            "/v1/subscriptions", {"customer": {"reference": who, "name": who}, "plan": plan}
        )

    async def code_for(self, invoice_id: str) -> str:
        """The charge's id, which is the order's at the gateway."""
        return str((await self.made(f"/v1/invoices/{invoice_id}/qris"))["charge_id"])

    async def pays_at_the_gateway(self, charge_id: str) -> None:
        charge = await self.runtime.db.read(lambda tx: tx.one(CHARGE, id=charge_id))
        assert charge is not None
        await self.gateways_own.write(complete, charge.reference or "", self.clock.now())

    async def notice_comes(self, charge_id: str) -> Response:
        answer = await self.http.post(
            f"/gateway/pakasir/{self.ground.app_id}",
            json={"order_id": charge_id, "status": "completed"},
            headers={"x-secret": SECRET},
        )
        await self.web.state.verifying.finish()
        return answer

    async def pays(self, who: str, plan: str) -> Any:
        """Subscribes and pays; the subscription as it was before."""
        made = await self.subscribes(who, plan)
        charge_id = await self.code_for(made["open_invoice"]["id"])
        await self.pays_at_the_gateway(charge_id)
        assert (await self.notice_comes(charge_id)).status_code == 200
        return made

    # What the worker does, each until there is nothing more of it

    async def sweep(self) -> None:
        while due := await claim_due_charges(self.runtime, Counter()):
            for one in due:
                await verify_charge(self.runtime, *one)

    async def cancel_codes(self) -> None:
        for charge in await lease_codes_to_cancel(self.runtime, 0):
            await cancel_code(self.runtime, charge)

    async def bill(self) -> None:
        app = await self.app()
        await expire_invoices(self.runtime, app)
        now = self.clock.now()
        if await self.runtime.db.read(wants_run, app, app.at(now), now):
            await run_billing(self.runtime, app)
        await send_reminders(self.runtime, app)

    async def deliver(self) -> None:
        while await go_on_with_resends(self.runtime):
            pass
        await Courier(self.runtime).deliver_all()

    async def rests(self) -> None:
        """All that is due is done, and what falls due in the next hours."""
        for minutes in (0, 1, 5, 30, 180):
            self.clock.advance(timedelta(minutes=minutes))
            await self.sweep()
            await self.cancel_codes()
            await self.bill()
            await self.deliver()

    async def app(self) -> App:
        return await self.runtime.db.read(lambda tx: app_by_id(tx, self.ground.app_id))

    async def codes(self) -> list[SimulatedCode]:
        """What the gateway has."""
        return await self.gateways_own.read(lambda tx: tx.all(ALL_CODES))

    async def check(self) -> None:
        """What must hold in the books, and what they, the gateway and the receivers know of each
        other."""
        assert await check_invariants(self.runtime.db) == []
        codes = await self.codes()
        booked = Counter(await self.runtime.db.read(lambda tx: tx.all(PAID_ORDERS)))
        known = set(await self.runtime.db.read(lambda tx: tx.all(ORDERS)))
        for code in codes:
            assert booked[code.order_id] == (code.status == "completed"), code
            assert code.order_id in known, code
        heard = messages(self.ground.heard)
        told = set(await self.runtime.db.read(lambda tx: tx.all(EVENT_IDS)))
        assert {one.id for one in heard} == told, "events, and what receivers heard"
        assert len({one.id: one.body for one in heard}) == len({(m.id, m.body) for m in heard})

    async def close(self) -> None:
        await self.web.state.verifying.finish()
        await self.http.aclose()
        await self.runtime.close()
        await self.gateways_own.close()


def _never() -> None:
    """Nothing happens at a boundary."""


@asynccontextmanager
async def at_work(
    ground: Ground,
    passes: Passes = _never,
    *,
    after: timedelta = timedelta(0),
    books: Callable[[Database], Database] | None = None,
) -> AsyncIterator[Place]:
    """A process that begins `after` that much time; `books` puts something around its database."""
    clock = HandClock(NOW + after)
    async with AsyncExitStack() as stack:
        settings = Settings(
            database_url=ground.url,
            base_url="http://localhost",
            secret_key=SecretStr(ground.secret_key),
        )
        runtime = await open_runtime(settings, clock=clock, make_schema=True)
        gateways_own = open_database(ground.gateway_url)
        await gateways_own.write(create_table, gateways_own.dialect)

        def gateway_of(app: App) -> Gateway | None:
            if app.gateway is None:
                return None
            return CrossedGateway(SimulatedGateway(gateways_own, clock, app.id), passes)

        await runtime.webhooks.close()
        runtime = msgspec.structs.replace(
            runtime,
            db=books(runtime.db) if books else Crossed(runtime.db, passes),
            gateway_of=gateway_of,
            webhooks=Receivers(runtime.targets, clock).listen(ground.heard, passes),
        )
        place = Place(ground, runtime, gateways_own, clock)
        stack.push_async_callback(place.close)
        yield place


async def first_ground(url: str, folder: Path) -> Ground:
    """An app that sells the plans of the stories, has a gateway and hears of everything."""
    ground = Ground(url, f"sqlite:///{folder}/gateway.sqlite3", folder / "heard", KEY)
    ground.heard.touch()

    def unit(tx: Transaction, runtime: Runtime) -> tuple[str, str]:
        now = runtime.clock.now()
        wanted = Registration("BukuBengkel", "test", webhook_url=HOOK)
        app = register_app(tx, wanted, runtime.secrets, runtime.targets, now).app
        save(
            tx,
            app,
            msgspec.structs.replace(
                app,
                requests_per_second=FAST,
                gateway="pakasir",
                gateway_version="v2",
                gateway_webhook_secret=runtime.secrets.seal(SECRET),
            ),
        )
        for plan in PLANS:
            add_plan(tx, app.id, plan, now)
        _, secret = create_key(tx, app.id, "owner", ("read", "write", "admin"), now)
        return app.id, secret

    async with at_work(ground) as place:
        app_id, api_key = await place.runtime.db.write(unit, place.runtime)
    return msgspec.structs.replace(ground, app_id=app_id, api_key=api_key)
