"""The vocabulary of the scenarios: an app, its tenants, their money, time, and what was heard."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from sqlalchemy import update
from standardwebhooks import Webhook

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.create_key import create_key
from payment_service.actions.register_app import Registration, register_app
from payment_service.kit.statements import Transaction, command, param, save
from payment_service.model.alert import OPEN_ALERTS
from payment_service.outside.pakasir_settings import PakasirSettings
from payment_service.outside.simulator.codes import simulated_codes
from tests.clocks import HandClock
from tests.outside.parties import Receiver
from tests.service import API_KEY, NOTICE_SECRET, PROJECT, Answer, Pakasir, Service

PLANS = (
    NewPlan(code="bulanan", name="Bulanan", price=99_000, months=1),
    NewPlan(code="tahunan", name="Tahunan", price=990_000, months=12),
    NewPlan(code="murah", name="Murah", price=49_000, months=1),
    NewPlan(code="besar", name="Besar", price=990_400, months=12),
    NewPlan(
        code="hemat",
        name="Hemat",
        price=99_000,
        months=1,
        prices_ahead={"3": 280_000, "12": 990_000},
    ),
    NewPlan(code="gratis", name="Gratis", price=0, months=1),
    NewPlan(code="coba", name="Coba dulu", price=99_000, months=1, trial_days=14),
)

FAST = 10_000
"""Requests that a key may make in a second: stories are told faster than they happen."""
OTHER_AMOUNT = command(
    update(simulated_codes)
    .where(simulated_codes.c.order_id == param("order"))
    .values(amount=param("new_amount"))
)


class Code(NamedTuple):
    """A QRIS code as the app got it. `order_id` is what the gateway knows it by."""

    order_id: str
    invoice_id: str
    qr_string: str
    amount: int
    total: int


class Event(NamedTuple):
    """A message whose signature held."""

    id: str
    type: str
    data: dict[str, Any]
    body: bytes


class App:
    """An app that uses the service, through its API and its webhook."""

    def __init__(self, service: Service, app_id: str, api_key: str, webhook_secret: str) -> None:
        self.service = service
        self.id = app_id
        self.api_key = api_key
        self.webhook_secret = webhook_secret

    @property
    def notice_path(self) -> str:
        return f"/gateway/pakasir/{self.id}"

    async def asks(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`headers` are written with underscores: `idempotency_key`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("authorization", f"Bearer {self.api_key}")
        options = {} if body is None else {"json": body}
        return await self.service.ask(method, path, headers=named, **options)

    async def subscribes(self, reference: str, plan: str, **headers: str) -> Answer:
        body = {"customer": {"reference": reference, "name": reference}, "plan": plan}
        return await self.asks("POST", "/v1/subscriptions", body, **headers)

    def verified(self, headers: dict[str, str], body: bytes) -> Event:
        """The message, when the library that consumers use signs it just so.

        Its `verify` asks the machine's clock, which is not the story's.
        """
        instant = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        message_id = headers["webhook-id"]
        signed = Webhook(self.webhook_secret).sign(message_id, instant, body.decode())
        assert signed in headers["webhook-signature"].split(" ")
        content = msgspec.json.decode(body)
        return Event(message_id, content["type"], content["data"], body)


async def register(service: Service, wanted: Registration) -> App:
    """What an operator does by command: an app, its key, and what it sells."""
    runtime = service.runtime

    def unit(tx: Transaction) -> App:
        now = runtime.clock.now()
        done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
        save(tx, done.app, msgspec.structs.replace(done.app, requests_per_second=FAST))
        for plan in PLANS:
            add_plan(tx, done.app.id, plan, now)
        return App(service, done.app.id, done.api_key, done.webhook_secret or "")

    return await runtime.db.write(unit)


async def owner_of(service: Service, app: App) -> App:
    """The app, asking with a key that may do what owners do."""
    _, secret = await service.runtime.db.write(
        create_key, app.id, "owner", ("read", "write", "admin"), service.runtime.clock.now()
    )
    return App(service, app.id, secret, app.webhook_secret)


class Tenant:
    """A customer of the app, with the subscription it was given."""

    def __init__(self, story: "Story", app: App, subscription: dict[str, Any]) -> None:
        self.story = story
        self.app = app
        self.id: str = subscription["id"]
        self.first_answer = subscription

    async def subscription(self) -> dict[str, Any]:
        answer = await self.app.asks("GET", f"/v1/subscriptions/{self.id}")
        assert answer.status == 200
        found: dict[str, Any] = answer.json
        return found

    async def status(self) -> str:
        return str((await self.subscription())["status"])

    async def invoice(self, invoice_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.app.asks("GET", f"/v1/invoices/{invoice_id}")).json
        return found

    async def tries_for_code(self, invoice_id: str | None = None) -> Answer:
        invoice_id = invoice_id or (await self.subscription())["open_invoice"]["id"]
        return await self.app.asks("POST", f"/v1/invoices/{invoice_id}/qris")

    async def asks_for_code(self) -> Code:
        answer = await self.tries_for_code()
        assert answer.status == 200, answer.body
        told = answer.json
        return Code(
            told["charge_id"], told["invoice_id"], told["qr_string"], told["amount"], told["total"]
        )

    async def pays(self, code: Code) -> None:
        """By the gateway's page, whose notice comes at once and is gone into."""
        await self.story.money_arrives(code.order_id)
        await self.story.service.rest()

    async def pays_without_notice(self, code: Code) -> bytes:
        """Gives the notice that got lost."""
        return await self.story.pakasir.receives_money(code.order_id)

    async def subscribes_again(self, plan: str) -> Answer:
        return await self.app.subscribes(self.first_answer["customer"]["reference"], plan)


class Story:
    """One app with a Pakasir project of its own, time in hand, and ears."""

    def __init__(
        self, service: Service, clock: HandClock, pakasir: Pakasir, receiver: Receiver
    ) -> None:
        self.service = service
        self.clock = clock
        self.pakasir = pakasir
        self.receiver = receiver
        self.the_app: App | None = None
        self.zone = ZoneInfo("Asia/Jakarta")

    async def app(
        self,
        *,
        name: str = "BukuBengkel",
        mode: str = "test",
        webhook_url: str | None = None,
        simulated: bool = False,
        many_subscriptions: bool = False,
        zone: str = "Asia/Jakarta",
        version: str = "v2",
    ) -> App:
        """Registered as an operator would. The one at Pakasir's is told of money by notices."""
        project = PakasirSettings(PROJECT, API_KEY, NOTICE_SECRET, self.pakasir.origin, version)
        wanted = Registration(
            name=name,
            mode=mode,
            webhook_url=webhook_url or self.receiver.url,
            pakasir=None if simulated else project,
            many_subscriptions=many_subscriptions,
            zone=zone,
        )
        self.zone = ZoneInfo(zone)
        app = await register(self.service, wanted)
        if not simulated:
            self.pakasir.notice_url = self.service.origin + app.notice_path
            self.the_app = app
        return app

    async def admin(self) -> App:
        """The app, asking with a key that may do what owners do."""
        return await owner_of(self.service, self.the_app or await self.app())

    async def subscribe(self, name: str, plan: str) -> Tenant:
        app = self.the_app or await self.app()
        answer = await app.subscribes(name, plan)
        assert answer.status == 201, answer.body
        return Tenant(self, app, answer.json)

    async def money_arrives(self, order_id: str) -> None:
        """The payer presses the button of the gateway's hosted page."""
        code = await self.pakasir.code(order_id)
        page = f"{self.pakasir.origin}/pay-v2/{code.reference}/paid"
        assert (await self.service.ask("POST", page)).status == 303
        assert (await self.pakasir.code(order_id)).status == "completed"

    async def the_gateway_books(self, order_id: str, amount: int) -> None:
        """Another sum than was asked for."""
        await self.pakasir.db.write(
            lambda tx: tx.run(OTHER_AMOUNT, order=order_id, new_amount=amount)
        )

    async def notice_comes(self, notice: Any, *, secret: str = NOTICE_SECRET) -> Answer:
        """What anybody may post to the app's notice address; gone into before this returns."""
        assert self.the_app is not None
        body = notice if isinstance(notice, bytes) else msgspec.json.encode(notice)
        headers = {"X-Secret": secret}
        answer = await self.service.ask(
            "POST", self.the_app.notice_path, data=body, headers=headers
        )
        await self.service.rest()
        return answer

    async def seconds_pass(self, seconds: float) -> None:
        """Then the worker takes its turn at the charges."""
        self.clock.advance(timedelta(seconds=seconds))
        await self.service.sweep()

    async def minutes_pass(self, minutes: float) -> None:
        await self.seconds_pass(60 * minutes)

    @property
    def today(self) -> date:
        """On the app's wall calendar."""
        return self.clock.now().astimezone(self.zone).date()

    async def days_pass(self, days: int = 1) -> None:
        """Each night's billing run at 01:00, the sweep some minutes later, and reminders at 09:00;
        then it is ten in the morning, local time."""
        for _ in range(days):
            tomorrow = self.today + timedelta(days=1)
            for hour, minute in ((1, 0), (1, 5), (1, 30), (9, 0), (10, 0)):
                await self.it_becomes(tomorrow, time(hour, minute))

    async def it_becomes(self, day: date, at: time = time(10)) -> None:
        """The worker takes its turns at this local time, and at none in between."""
        self.clock.set(datetime.combine(day, at, self.zone))
        await self.service.bill()
        while await self.service.sweep():
            pass

    async def until(self, day: date) -> None:
        """Days pass until it is this one."""
        await self.days_pass((day - self.today).days)

    async def heard(self) -> list[Event]:
        """What the app has been told in all, after what is due has gone out."""
        await self.service.deliver()
        assert self.the_app is not None
        return [self.the_app.verified(dict(one.headers), one.body) for one in self.receiver.heard]

    async def heard_types(self) -> list[str]:
        """Each message once, by name: order is not promised."""
        return sorted({event.id: event.type for event in await self.heard()}.values())

    def the_app_fails(self, times: int, status: int = 500, **headers: str) -> None:
        """So many of the next messages are answered like that."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.receiver.answers += [web.Response(status=status, headers=named) for _ in range(times)]

    async def alerts(self) -> list[str]:
        """What the owner is told: kinds."""
        found = await self.service.runtime.db.read(lambda tx: tx.all(OPEN_ALERTS))
        return [alert.kind for alert in found]
