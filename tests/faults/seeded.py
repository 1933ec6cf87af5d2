"""One seed of a fault: its payer, what is drawn for it, and what must have become of it."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import msgspec

from payment_service.model.charge import CHARGES_OF_INVOICE
from payment_service.outside.simulator.faults import Fault, Faults, Kind
from tests.clocks import HandClock
from tests.service import NOTICE_SECRET, Pakasir
from tests.story import Code, Story, Tenant

MONTHS = {"bulanan": 1, "tahunan": 12}
PRICES = {"bulanan": 99_000, "tahunan": 990_000}
GRID = 30
"""Waits are whole half minutes, so that many seeds act at the same instant."""
NOISE: tuple[Kind, ...] = ("expires_at", "numbers_as_text", "other_time", "no_flag")
"""What any answer may look like, whatever else is wrong."""


class Lane:
    """One app with a project at the gateway, and that gateway's faults."""

    def __init__(self, story: Story, faults: Faults, clock: HandClock) -> None:
        self.story = story
        self.faults = faults
        self.clock = clock

    @property
    def pakasir(self) -> Pakasir:
        return self.story.pakasir


class Seeded:
    """Draws everything from its number alone: the same number is the same story."""

    def __init__(self, number: int, lanes: list[Lane]) -> None:
        self.number = number
        self.rng = Random(number)
        self.lane = self.rng.choice(lanes)
        self.plan = self.rng.choice(sorted(MONTHS))
        self.fired = 0
        """How often its fault came true."""
        self.outcomes: Counter[str] = Counter()
        """The payments that there must be."""
        self.active: tuple[str, date] | None = None
        """The plan that must be active, and the local day it was paid on."""
        self.sure_by: dict[str, datetime] = {}
        """The instants by which payments must have been booked, by order."""

    def minutes(self, least: float, most: float) -> float:
        """Seconds to wait."""
        return GRID * self.rng.randint(round(least * 60 / GRID), round(most * 60 / GRID))

    async def subscribes(self) -> Tenant:
        self.tenant = await self.lane.story.subscribe(f"tenant-{self.number}", self.plan)
        return self.tenant

    async def asks_for_code(self, invoice_id: str | None = None) -> Code:
        """The code, whose answers look as they may from here on."""
        answer = await self.tenant.tries_for_code(invoice_id)
        assert answer.status == 200, answer.body
        told = answer.json
        code = Code(
            told["charge_id"], told["invoice_id"], told["qr_string"], told["amount"], told["total"]
        )
        for kind in NOISE:
            if self.rng.random() < 0.3:
                self.sets(kind, code)
        return code

    def sets(self, kind: Kind, code: Code, **more: Any) -> None:
        self.lane.faults.add(Fault(kind=kind, order_id=code.order_id, **more))

    async def pays(self, code: Code) -> None:
        """The gateway has the money, and tells as its faults let it."""
        found = await self.lane.pakasir.code(code.order_id)
        path = f"/api/transactions/{found.reference}/simulate"
        answer = await self.lane.story.service.ask("POST", self.lane.pakasir.origin + path)
        assert answer.status == 200, answer.body

    async def posts(self, secret: str = NOTICE_SECRET, **notice: object) -> None:
        """What anybody may write to the app's notice address."""
        story = self.lane.story
        assert story.the_app is not None
        answer = await story.service.ask(
            "POST",
            story.the_app.notice_path,
            data=msgspec.json.encode(notice),
            headers={"X-Secret": secret},
        )
        assert answer.status == 200, answer.body

    async def times_asked(self, code: Code) -> int:
        """Status calls about it."""
        reference = (await self.lane.pakasir.code(code.order_id)).reference
        asked = self.lane.pakasir.asked
        return asked[reference] + asked[code.order_id]

    async def times_fired(self, kind: Kind, invoice_id: str) -> int:
        """To any code of the invoice."""
        runtime = self.lane.story.service.runtime
        charges = await runtime.db.read(
            lambda tx: tx.all(CHARGES_OF_INVOICE, invoice_id=invoice_id)
        )
        return sum(self.lane.faults.fired_by_order[kind, charge.id] for charge in charges)

    def is_settled(self, plan: str | None = None) -> None:
        """A payment of this instant must pay, and activate that plan."""
        self.outcomes["settled"] += 1
        self.active = plan or self.plan, self.today

    @property
    def today(self) -> date:
        """The local date in Jakarta."""
        return (self.lane.clock.now() + timedelta(hours=7)).date()
