"""A world whose network is bad: one service, one gateway, and many apps that live side by side."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from payment_service.actions.register_app import Registration
from payment_service.kit.database import open_database
from payment_service.migrations.upgrade import connected
from payment_service.model.app import App as AppRecord
from payment_service.model.charge import charges
from payment_service.model.customer import customers
from payment_service.model.delivery import deliveries
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.model.subscription import subscriptions
from payment_service.outside.addresses import parse_targets
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.pakasir_settings import PakasirSettings
from payment_service.outside.session import GuardedSession
from payment_service.outside.webhook_client import WebhookClient
from tests.clocks import HandClock
from tests.faults.journey import SECONDS, Journey, Ways
from tests.outside.parties import RawServer, Receiver
from tests.outside.test_webhook_client import self_signed
from tests.seeds import replayed
from tests.service import (
    ALL_CODES,
    API_KEY,
    NOTICE_SECRET,
    PROJECT,
    Pakasir,
    Service,
    running_pakasir,
    running_service,
)
from tests.story import owner_of, register

BAD_TURNS = [timedelta(seconds=5)] * 3 + [timedelta(minutes=1)] * 2 + [timedelta(minutes=10)] * 3
"""Of the worker, while things go wrong."""
CALM_TURNS = [timedelta(hours=1)] * 48
"""Then, until everything has been heard."""
MOST_TAKEN = 16 * 1024 * 1024
"""Bytes of a gigabyte: about what fits between two sockets."""
UNHEARD = select(func.count()).where(deliveries.c.next_at.is_not(None))
MADE = select(customers.c.reference, subscriptions.c.id, subscriptions.c.status).join(
    subscriptions, subscriptions.c.customer_id == customers.c.id
)
ISSUED = select(invoices.c.id, invoices.c.kind, invoices.c.status)
HAPPENED = select(events.c.id, events.c.type)
BOOKED = select(payments.c.charge_id, payments.c.outcome)


class Nature(NamedTuple):
    """Where the calls to the gateway lead, by app."""

    journeys: dict[str, Journey]
    """By app."""
    session: GuardedSession
    clock: HandClock
    stranger: str
    """The origin of a machine that shows a certificate of its own making."""

    def gateway_of(self, app: AppRecord) -> PakasirGateway:
        journey = self.journeys[app.id]
        origin = self.stranger if journey.strange_calls else journey.ways.gateway.origin
        journey.strange_calls = max(0, journey.strange_calls - 1)
        return PakasirGateway(
            self.session, self.clock, origin=origin, project=PROJECT, api_key=API_KEY,
            total_seconds=SECONDS,
        )  # fmt: skip


class Network(NamedTuple):
    """The world, and who lives in it."""

    url: str
    service: Service
    pakasir: Pakasir
    receiver: Receiver
    clock: HandClock
    journeys: list[Journey]

    async def lives(self) -> None:
        await asyncio.gather(*(self._begins(journey) for journey in self.journeys))
        for span in BAD_TURNS:
            await self._turn(span)
        await asyncio.gather(*(self._calms_down(journey) for journey in self.journeys))
        for span in CALM_TURNS:
            await self._turn(span)
            if not self._left():
                return

    async def _begins(self, journey: Journey) -> None:
        with replayed(journey.number):
            await journey.begins(self.pakasir)

    async def _calms_down(self, journey: Journey) -> None:
        await journey.calms_down()
        if journey.strange_ear:
            owner = await owner_of(self.service, journey.app)
            (endpoint,) = (await owner.asks("GET", "/v1/webhook-endpoints")).json["data"]
            path, right = f"/v1/webhook-endpoints/{endpoint['id']}", {"url": ear_of(journey)}
            answer = await owner.asks("PATCH", path, right)
            assert answer.status == 200, answer.body

    async def _turn(self, span: timedelta) -> None:
        """What the worker does after a while."""
        self.clock.advance(span)
        await self.service.rest()
        while await self.service.sweep():
            pass
        await self.service.deliver()

    def _left(self) -> int:
        with connected(self.url) as connection:
            return connection.scalar(UNHEARD) or 0

    def check(self, journey: Journey) -> None:
        """What was asked for is there once and paid once; every event of it was heard, as it is,
        and nothing else."""
        app_id = journey.app.id
        with connected(self.url) as connection:
            made = connection.execute(MADE.where(customers.c.app_id == app_id)).all()
            issued = connection.execute(ISSUED.where(invoices.c.app_id == app_id)).all()
            codes = connection.scalars(select(charges.c.id).where(charges.c.app_id == app_id)).all()
            booked = connection.execute(BOOKED.where(payments.c.app_id == app_id)).all()
            happened = connection.execute(HAPPENED.where(events.c.app_id == app_id)).all()
        (subscription,), (code,), (one_off,) = (
            journey.subscriptions,
            journey.codes,
            journey.one_offs,
        )
        found = {
            "subscriptions": made,
            "one-offs": [invoice for invoice, kind, _ in issued if kind == "one_off"],
            "others": [status for _, kind, status in issued if kind != "one_off"],
            "codes": codes,
            "payments": booked,
            "activations": [kind for _, kind in happened].count("subscription.activated"),
        }
        wanted = {
            "subscriptions": [(journey.tenant, subscription, "active")],
            "one-offs": [one_off],
            "others": ["paid"],
            "codes": [code],
            "payments": [(code, "settled")],
            "activations": 1,
        }
        assert found == wanted, f"{found} is not {wanted}"
        self._check_heard(journey, {event for event, _ in happened})
        for way in journey.ways:
            assert way.most_taken <= MOST_TAKEN, f"{way.most_taken} bytes were taken"

    def _check_heard(self, journey: Journey, happened: set[str]) -> None:
        bodies = defaultdict(set)
        for heard in self.receiver.heard:
            if heard.path == f"/{journey.number}":
                event = journey.app.verified(dict(heard.headers), heard.body)
                bodies[event.id].add(event.body)
        unheard, untrue = happened - set(bodies), set(bodies) - happened
        assert not unheard, f"never heard: {unheard}"
        assert not untrue, f"heard, and never happened: {untrue}"
        assert all(len(said) == 1 for said in bodies.values()), "an event was told in two ways"

    async def check_gateway(self) -> None:
        """Each code that it was paid stands in our books once, and no other."""
        paid = await self.pakasir.db.read(lambda tx: tx.all(ALL_CODES))
        with connected(self.url) as connection:
            booked = Counter(connection.scalars(select(payments.c.charge_id)))
        for code in paid:
            assert booked[code.order_id] == (code.status == "completed"), code


def ear_of(journey: Journey) -> str:
    return f"{journey.ways.ear.origin}/{journey.number}"


@asynccontextmanager
async def network_of(url: str, folder: Path, numbers: range) -> AsyncIterator[Network]:
    """An app for each number."""
    clock = HandClock()
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver())
        own = open_database(f"sqlite:///{folder}/gateway-{numbers.start}.sqlite3")
        stack.push_async_callback(own.close)
        pakasir = await stack.enter_async_context(running_pakasir(own, clock))

        async def ignores(*_: object) -> None:
            return None

        stranger = await stack.enter_async_context(RawServer(ignores, ssl=self_signed(folder)))
        journeys = [Journey(number, await Ways.open(stack)) for number in numbers]
        ports = [way.port for journey in journeys for way in journey.ways]
        targets = [f"127.0.0.1:{port}" for port in ports]
        targets.append(f"localhost:{stranger.port}")
        allowed = parse_targets(",".join(targets))
        session = GuardedSession(allowed)
        stack.push_async_callback(session.close)
        nature = Nature({}, session, clock, f"https://localhost:{stranger.port}")
        service = await stack.enter_async_context(
            running_service(
                url,
                clock,
                targets=targets,
                gateway_of=nature.gateway_of,
                webhooks=WebhookClient(allowed, clock, total_seconds=SECONDS),
            )
        )
        at_service = int(service.origin.rpartition(":")[2])
        for journey in journeys:
            beyond = (at_service, at_service, pakasir.port, receiver.port)
            for way, port in zip(journey.ways, beyond, strict=True):
                way.port_beyond = port
            journey.app = await register(
                service,
                Registration(
                    name=f"App {journey.number}",
                    mode="test",
                    webhook_url=f"{nature.stranger}/" if journey.strange_ear else ear_of(journey),
                    pakasir=PakasirSettings(
                        PROJECT, API_KEY, NOTICE_SECRET, journey.ways.gateway.origin, "v2"
                    ),
                ),
            )
            nature.journeys[journey.app.id] = journey
        yield Network(url, service, pakasir, receiver, clock, journeys)
