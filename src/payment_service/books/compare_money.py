"""Compare the money: what our books say of some days with what the gateway, and its settlement
file, say.

It changes no money and settles nothing. What the books lack is handed to the worker, which
verifies and settles it through the one door.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import msgspec

from payment_service.kit.calendar import end_of, start_of
from payment_service.kit.ids import first_id
from payment_service.kit.statements import Statement, save
from payment_service.model.app import App
from payment_service.model.booked import (
    CHARGES_OF_SPAN,
    COUNT_CHARGES,
    PAGE,
    PAYMENTS_OF_SPAN,
    Booked,
    gateway_difference,
    make_due,
    payment_of,
    take_turn,
)
from payment_service.model.money_check import (
    LEASE,
    Discrepancy,
    Findings,
    MoneyCheck,
    Unanswered,
    in_order,
)
from payment_service.model.settlement import (
    Settlement,
    settlement_difference,
    unknown_line,
)
from payment_service.outside.gateway import Gateway, GatewayError
from payment_service.runtime import Runtime, now_of

AT_ONCE = 16
"""Calls in flight, as many as a gateway is given."""
TRIES = 10
"""Calls for one charge that may be told to wait their turn, until it counts as unanswered."""
BUSY_SECONDS = 4.0
GIVEN_UP = 64
"""Charges in a row without an answer after which a gateway is not asked any more: each call to a
silent one takes 10 s."""

Pause = Callable[[float], Awaitable[object]]
"""Waits for so many seconds."""
Told = Callable[[int, int], None]
"""Hears how many charges are done, of how many."""


class Comparison:
    """One check under way."""

    def __init__(
        self, runtime: Runtime, app: App, check: MoneyCheck, told: Told | None, pause: Pause
    ) -> None:
        self.check = check
        self._db = runtime.db
        self._now = partial(now_of, runtime, app)
        self._app = app
        self._gateway = runtime.gateway_of(app)
        self._told = told
        self._pause = pause
        self._free = asyncio.Semaphore(AT_ONCE)
        self._findings = Findings(check.first_day, check.last_day)
        self._done = 0
        self._total = 0
        self._silent = 0

    async def make(self, settlement: Settlement | None) -> Findings:
        starts = start_of(self.check.first_day, self._app.zone)
        ends = end_of(self.check.last_day, self._app.zone)
        made = {"after": first_id("chg", starts), "until": first_id("chg", ends)}
        self._total = await self._db.read(
            lambda tx: tx.one(COUNT_CHARGES, app_id=self._app.id, **made) or 0
        )
        async for page in self._pages(CHARGES_OF_SPAN, _charge_id, **made):
            await self._ask(page)
        paid = {
            "after": first_id("pay", starts),
            "first_day": self.check.first_day,
            "last_day": self.check.last_day,
        }
        async for page in self._pages(PAYMENTS_OF_SPAN, _payment_id, **paid):
            older = [
                booked
                for booked in page
                if booked.charge_id and not made["after"] < booked.charge_id < made["until"]
            ]
            self._total += len(older)
            await self._ask(older)
            if settlement is not None:
                for booked in page:
                    self._note(settlement_difference(booked, settlement.claim(booked)))
        if settlement is not None:
            await self._settle_rest(settlement)
        return in_order(self._findings)

    async def _pages(
        self, statement: Statement[Booked], key: Callable[[Booked], str], **params: object
    ) -> AsyncIterator[list[Booked]]:
        """By id. The lease of a nightly check is drawn out with each page; raises Moved when
        another process has it."""
        while True:
            if self.check.lease_until is not None:
                ends = msgspec.structs.replace(self.check, lease_until=self._now() + LEASE)
                self.check = await self._db.write(save, self.check, ends)
            page = await self._db.read(lambda tx: tx.all(statement, app_id=self._app.id, **params))
            if page:
                yield page
            if len(page) < PAGE:
                return
            params["after"] = key(page[-1])

    async def _ask(self, page: list[Booked]) -> None:
        async with asyncio.TaskGroup() as asking:
            for booked in page:
                asking.create_task(self._compare(booked))

    async def _compare(self, booked: Booked) -> None:
        async with self._free:
            await self._compare_with_gateway(booked, booked.charge_id or "")
        self._done += 1
        if self._told is not None:
            self._told(self._done, self._total)

    async def _compare_with_gateway(self, booked: Booked, charge_id: str) -> None:
        if booked.reference is None:
            self._findings.unopened += 1
            return
        gateway = self._gateway
        if gateway is None or booked.gateway != self._app.gateway:
            reason = f"the app has no gateway {booked.gateway} any more"
            self._findings.elsewhere.append(Unanswered(charge_id, reason))
            return
        self._findings.asked += 1
        try:
            said, amount = await self._status(gateway, booked, booked.reference, charge_id)
        except GatewayError as error:
            self._silent += 1
            self._findings.unanswered.append(Unanswered(charge_id, f"{error.fault}: {error}"))
            return
        self._silent = 0
        found = gateway_difference(booked, said, amount)
        # What is not due now was booked while the gateway was being asked.
        if found is None or found.difference != "not_booked" or await self._make_due(charge_id):
            self._note(found)

    async def _make_due(self, charge_id: str) -> bool:
        return await self._db.write(make_due, charge_id, self._now())

    async def _status(
        self, gateway: Gateway, booked: Booked, reference: str, charge_id: str
    ) -> tuple[str | None, int | None]:
        """Status and amount, no status where the order is unknown; raises GatewayError."""
        if self._silent >= GIVEN_UP:
            raise GatewayError("unreachable", "not asked, the gateway was silent", retry=True)
        order_id = booked.order_id or charge_id
        refused: GatewayError | None = None
        for _ in range(TRIES):
            wait = await self._db.write(take_turn, charge_id, self._now())
            if wait:
                await self._pause(wait)
                continue
            try:
                said = await gateway.status(order_id, reference, booked.amount or 0)
            except GatewayError as error:
                if error.fault == "unknown_order":
                    return None, None
                if error.fault != "busy":
                    raise
                refused = error
                await self._pause(max(error.retry_after or 0.0, BUSY_SECONDS))
                continue
            return said.status, said.amount
        raise refused or GatewayError("busy", "other processes keep asking about it", retry=True)

    async def _settle_rest(self, settlement: Settlement) -> None:
        """Lines of no payment in these days: of another day's, or of none."""
        for line in list(settlement.unclaimed.values()):
            booked = await self._db.read(
                payment_of, self._app.id, order_id=line.order_id, reference=line.reference
            )
            if booked is None:
                self._note(unknown_line(line, known=False))
            elif settlement.has_been_claimed(booked):
                self._note(unknown_line(line, known=True))
            else:
                self._note(settlement_difference(booked, settlement.claim(booked)))

    def _note(self, found: Discrepancy | None) -> None:
        if found is not None:
            self._findings.exceptions.append(found)


def _charge_id(booked: Booked) -> str:
    return booked.charge_id or ""


def _payment_id(booked: Booked) -> str:
    return booked.payment_id or ""
