"""The world of one kind of fault: the service, two gateways, and all its seeds side by side."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from sqlalchemy import func, select

from payment_service.kit.calendar import months_on
from payment_service.kit.database import open_database
from payment_service.kit.statements import Transaction, value
from payment_service.model.charge import charges
from payment_service.model.event import events
from payment_service.model.payment import payments
from payment_service.outside.simulator.faults import Fault, Faults
from tests.clocks import HandClock
from tests.faults.kinds import Kind
from tests.faults.seeded import MONTHS, NOISE, Lane, Seeded
from tests.outside.parties import Receiver
from tests.service import ALL_CODES, Service, running_pakasir, running_service
from tests.story import Story

AT_ONCE = 16
NEXT_CHECK = value(select(func.min(charges.c.check_at)), datetime)
OUTCOMES = select(payments.c.customer_id, payments.c.outcome)


class Ahead:
    """The gateway's clock."""

    def __init__(self, clock: HandClock, by: timedelta) -> None:
        self._clock = clock
        self._by = by

    def now(self) -> datetime:
        return self._clock.now() + self._by


class World(NamedTuple):
    service: Service
    receiver: Receiver
    clock: HandClock
    lanes: list[Lane]

    async def live(self, kind: Kind, seeds: list[Seeded]) -> None:
        """All the stories at once: at each instant who has something to do does it, then the
        worker does what is due."""
        waiting: list[tuple[datetime, int, Seeded, AsyncIterator[float]]] = []
        for place, seed in enumerate(seeds):
            heappush(waiting, (self.clock.now(), place, seed, kind.story(seed)))
        free = asyncio.Semaphore(AT_ONCE)

        async def goes_on(place: int, seed: Seeded, story: AsyncIterator[float]) -> None:
            async with free:
                try:
                    seconds = await anext(story)
                except StopAsyncIteration:
                    return
                except Exception as error:
                    raise AssertionError(f"the seed {seed.number}") from error
            until = self.clock.now() + timedelta(seconds=seconds)
            heappush(waiting, (until, place, seed, story))

        while waiting:
            acting = []
            while waiting and waiting[0][0] <= self.clock.now():
                _, place, seed, story = heappop(waiting)
                acting.append(goes_on(place, seed, story))
            await asyncio.gather(*acting)
            await self.service.rest()
            while await self.service.sweep():
                pass
            if waiting:
                due = await self.service.runtime.db.read(_next_check)
                self.clock.set(
                    min(waiting[0][0], max(due, self.clock.now()) if due else waiting[0][0])
                )

    async def check(self, seeds: list[Seeded]) -> None:
        """Each payment once, each activation once, and nothing for nothing."""
        booked = await self.service.runtime.db.read(_booked)
        for seed in seeds:
            subscription = await seed.tenant.subscription()
            customer = subscription["customer"]["id"]
            found = Counter(outcome for outcome, _, _ in booked.of_customer[customer])
            assert found == seed.outcomes, f"the seed {seed.number}"
            activations = booked.activations[subscription["id"]]
            if seed.active is None:
                assert (subscription["status"], activations) == ("pending", 0), seed.number
            else:
                plan, day = seed.active
                assert subscription["status"] == "active", seed.number
                assert activations == 1, seed.number
                assert subscription["plan"]["code"] == plan, seed.number
                through = months_on(day, MONTHS[plan], day.day)
                assert date.fromisoformat(subscription["paid_through"]) == through, seed.number
            for order_id, sure_by in seed.sure_by.items():
                (at,) = [at for _, at, order in booked.of_customer[customer] if order == order_id]
                assert at <= sure_by, f"the seed {seed.number}"
        for lane in self.lanes:
            await self._check_gateway(lane, booked.orders)
        await self._check_news()

    async def _check_gateway(self, lane: Lane, orders: Counter[str]) -> None:
        """What it has been paid stands in our books once; it was never asked too often."""
        for code in await lane.pakasir.db.read(lambda tx: tx.all(ALL_CODES)):
            assert orders[code.order_id] == (code.status == "completed"), code
        for asked_at in lane.pakasir.asked_at.values():
            assert all(b - a >= timedelta(seconds=4) for a, b in pairwise(asked_at)), asked_at

    async def _check_news(self) -> None:
        """Every event was heard, once."""
        await self.service.deliver()
        heard = Counter(one.headers["webhook-id"] for one in self.receiver.heard)
        told = await self.service.runtime.db.read(_events)
        assert heard == Counter(told)


class Booked(NamedTuple):
    of_customer: dict[str, list[tuple[str, datetime, str | None]]]
    orders: Counter[str]
    activations: Counter[str]


_customers = value(select(payments.c.customer_id).order_by(payments.c.id), str)
_outcomes = value(select(payments.c.outcome).order_by(payments.c.id), str)
_instants = value(select(payments.c.created_at).order_by(payments.c.id), datetime)
_orders = value(select(func.coalesce(payments.c.charge_id, "")).order_by(payments.c.id), str)
_activated = value(
    select(events.c.subject_id).where(events.c.type == "subscription.activated"), str
)
_event_ids = value(select(events.c.id), str)


def _booked(tx: Transaction) -> Booked:
    of_customer: dict[str, list[tuple[str, datetime, str | None]]] = defaultdict(list)
    orders = tx.all(_orders)
    rows = zip(tx.all(_customers), tx.all(_outcomes), tx.all(_instants), orders, strict=True)
    for customer, outcome, at, order_id in rows:
        of_customer[customer].append((outcome, at, order_id))
    return Booked(of_customer, Counter(orders), Counter(tx.all(_activated)))


def _events(tx: Transaction) -> list[str]:
    return tx.all(_event_ids)


def _next_check(tx: Transaction) -> datetime | None:
    return tx.one(NEXT_CHECK)


@asynccontextmanager
async def world_of(kind: Kind, database_url: str, folder: Path, seed: int) -> AsyncIterator[World]:
    """Two apps at two gateways, one of each version unless the kind says otherwise."""
    clock = HandClock()
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver())
        gateways, all_faults = [], []
        for place, (version, ahead) in enumerate(
            zip(kind.versions, kind.gateway_ahead, strict=True)
        ):
            faults = Faults(seed, seconds=0.01)
            faults.add(*(Fault(kind=noise, calls=("create",), rate=0.3) for noise in NOISE))
            own = open_database(f"sqlite:///{folder}/gateway-{place}.sqlite3")
            stack.push_async_callback(own.close)
            named: Literal["v1", "v2"] = "v1" if version == "v1" else "v2"
            gateways.append(
                await stack.enter_async_context(
                    running_pakasir(own, Ahead(clock, ahead), faults=faults, version=named)
                )
            )
            all_faults.append(faults)
        ports = [receiver.port, *(gateway.port for gateway in gateways)]
        targets = [f"127.0.0.1:{port}" for port in ports]
        service = await stack.enter_async_context(
            running_service(database_url, clock, targets=targets)
        )
        lanes = []
        for place, version in enumerate(kind.versions):
            story = Story(service, clock, gateways[place], receiver)
            await story.app(name=f"App {place}", version=version)
            lanes.append(Lane(story, all_faults[place], clock))
        yield World(service, receiver, clock, lanes)
