"""A shop whose money is checked: its codes stand in the simulator, and every call is counted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import msgspec

from payment_service.actions.check_money import check_money
from payment_service.actions.register_app import Registration
from payment_service.books.settle import settle
from payment_service.kit.statements import Transaction, query, rows_of
from payment_service.model.app import App as AppRecord
from payment_service.model.app import app_by_id
from payment_service.model.charge import CHARGE, Charge
from payment_service.model.money_check import Findings, MoneyCheck
from payment_service.model.payment import Payment
from payment_service.outside.gateway import CodeStatus, GatewayError
from payment_service.outside.simulator.codes import complete
from payment_service.outside.simulator.gateway import SimulatedGateway
from payment_service.runtime import Runtime
from tests.clocks import HandClock
from tests.service import Service, running_service
from tests.story import App, register

CHECKS = query(rows_of(MoneyCheck), MoneyCheck)


class Counted(SimulatedGateway):
    """Counts the calls, and fails or waits as it is told."""

    def __init__(self, service: Service, app_id: str) -> None:
        super().__init__(service.runtime.db, service.runtime.clock, app_id)
        self.asked: Counter[str] = Counter()
        self.at_once = 0
        self.most_at_once = 0
        self.fails: list[GatewayError] = []
        """How the next calls end."""
        self.is_down = False
        self.open_door = asyncio.Event()
        self.open_door.set()
        self._came = asyncio.Condition()
        self.before_it_tells: Callable[[str], Awaitable[object]] | None = None

    async def holds(self, count: int) -> None:
        """Until so many calls are waiting for its answer."""
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: self.at_once >= count)

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        self.asked[order_id] += 1
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        async with self._came:
            self._came.notify_all()
        try:
            await self.open_door.wait()
            if self.is_down:
                raise GatewayError("unreachable", "no connection", retry=True)
            if self.fails:
                raise self.fails.pop()
            said = await super().status(order_id, reference, amount)
            if self.before_it_tells is not None:
                await self.before_it_tells(order_id)
            return said
        finally:
            self.at_once -= 1


class Shop:
    """One app in test mode, with time in hand."""

    def __init__(self, service: Service, app: App, record: AppRecord, clock: HandClock) -> None:
        self.service = service
        self.app = app
        self.record = record
        self.clock = clock
        self.gateway = Counted(service, app.id)
        self.runtime: Runtime = msgspec.structs.replace(
            service.runtime, gateway_of=lambda app: self.gateway if app.id == self.app.id else None
        )
        self.pauses: list[float] = []

    async def asks_for_code(self, reference: str) -> str:
        """The charge's id."""
        made = (await self.app.subscribes(reference, "bulanan")).json
        answer = await self.app.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")
        return str(answer.json["charge_id"])

    async def receives_money(self, charge_id: str) -> None:
        """At the gateway; nobody tells us."""
        charge = await self.charge(charge_id)
        assert charge.reference is not None
        await self.runtime.db.write(complete, charge.reference, self.clock.now())

    async def books(self, charge_id: str) -> Payment:
        """What came for it, as a verification would."""
        charge = await self.charge(charge_id)
        gateway = SimulatedGateway(self.runtime.db, self.clock, self.app.id)
        said = await gateway.status(charge_id, charge.reference or "", charge.amount)
        links = self.runtime.links
        return await self.runtime.db.write(settle, links, charge_id, said, self.clock.now())

    async def sells(self, reference: str) -> str:
        """Paid and booked."""
        charge_id = await self.asks_for_code(reference)
        await self.receives_money(charge_id)
        await self.books(charge_id)
        return charge_id

    async def charge(self, charge_id: str) -> Charge:
        found = await self.runtime.db.read(lambda tx: tx.one(CHARGE, id=charge_id))
        assert found is not None
        return found

    async def check(self, first: date, last: date | None = None, **options: Any) -> Findings:
        return await check_money(
            self.runtime, self.record, first, last or first, pause=self.pause, **options
        )

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    async def checks(self) -> list[MoneyCheck]:
        return await self.runtime.db.read(lambda tx: tx.all(CHECKS))

    async def does(self, unit: Callable[[Transaction], Any]) -> Any:
        return await self.runtime.db.write(unit)


@asynccontextmanager
async def open_shop(
    database_url: str, clock: HandClock, zone: str = "Asia/Jakarta"
) -> AsyncIterator[Shop]:
    async with running_service(database_url, clock) as service:
        app = await register(service, Registration(name="Warung", mode="test", zone=zone))
        record = await service.runtime.db.read(app_by_id, app.id)
        yield Shop(service, app, record, clock)
