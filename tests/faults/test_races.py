"""Two of the same, or two that cannot both be, at once and at two processes: one of them counts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import aiohttp
import msgspec
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from payment_service.actions.expire_invoices import expire_invoices
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction, param, value
from payment_service.model.app import app_by_id
from payment_service.model.charge import CHARGE
from payment_service.model.customer import customers
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.outside.simulator.codes import complete
from payment_service.runtime import Runtime
from tests.cli.commands import Operator
from tests.counts import times
from tests.faults.test_killed_under_load import Shops, opens
from tests.invariants import check_invariants
from tests.seeds import seeds
from tests.service import KEY
from tests.story import PLANS

TURNS = times(1, 100, push=40)
"""In one world; each is a round of each of the five races, all of them at once."""
WORLDS = times(1, 10, push=1)
NOTICES, COPIES, USES = 100, 50, 20
PATIENCE = 60.0
OUTCOMES = value(select(payments.c.outcome).where(payments.c.charge_id == param("charge")), str)
STATUS = value(select(invoices.c.status).where(invoices.c.id == param("invoice")), str)
INVOICES_OF = value(
    select(func.count())
    .select_from(invoices.join(customers, customers.c.id == invoices.c.customer_id))
    .where(customers.c.reference == param("reference")),
    int,
)
VOIDED = value(
    select(func.count()).where(
        events.c.type == "invoice.voided", events.c.subject_id == param("invoice")
    ),
    int,
)
TIME_OUT = timedelta(hours=72)
"""Of a first invoice."""
ENOUGH_TURNS = 40
"""With as many both ends of a race must have been seen, or it shows nothing."""
MOST_MORE = 400
"""Rounds of that race alone, until they have: in about one of five the money comes first."""


class Answer(NamedTuple):
    status: int
    json: Any


class Bill(NamedTuple):
    invoice_id: str
    charge_id: str


class Two:
    """Two processes that answer, and what is asked of them."""

    def __init__(
        self,
        runtime: Runtime,
        shops: Shops,
        origins: list[str],
        http: aiohttp.ClientSession,
        dice: Random,
    ) -> None:
        self.runtime, self.shops, self.dice = runtime, shops, dice
        self._http = http
        self.done: Counter[str] = Counter()
        self._origins = origins
        self._names = 0

    async def asks(
        self, path: str, body: Any = None, *, at: int, key: str | None = None,
        api_key: str | None = None, method: str = "POST", address: str = "10.0.0.1",
    ) -> Answer:  # fmt: skip
        """At one process or the other."""
        headers = {"authorization": f"Bearer {api_key or self.shops.api_key}"}
        headers |= {"x-forwarded-for": address, "x-forwarded-proto": "https"}
        headers["x-secret"] = self.shops.secret
        if key is not None:
            headers["idempotency-key"] = key
        url = self._origins[at % len(self._origins)] + path
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            told = await answer.read()
            return Answer(answer.status, msgspec.json.decode(told) if told else None)

    async def until_answered(self, path: str, body: Any, *, at: int, key: str) -> Any:
        """Copies that come while the first runs are told to come again."""
        while True:
            answer = await self.asks(path, body, at=at, key=key)
            if answer.status == 201:
                return answer.json
            assert answer.status in (409, 429, 503), answer
            await asyncio.sleep(0.02)

    def name(self) -> str:
        self._names += 1
        return f"tenant-{self._names}"

    async def paid_at_the_gateway(self, invoice_id: str) -> Bill:
        """There is a code, and its money, of which only the gateway knows."""
        code = await self.asks(f"/v1/invoices/{invoice_id}/qris", at=0)
        assert code.status == 200, code
        charge_id: str = code.json["charge_id"]

        def pay(tx: Transaction) -> None:
            charge = tx.one(CHARGE, id=charge_id)
            assert charge is not None
            complete(tx, charge.reference or "", self.runtime.clock.now())

        await self.runtime.db.write(pay)
        return Bill(invoice_id, charge_id)

    async def bill(self) -> Bill:
        body = {"customer": {"reference": self.name()}, "plan": PLANS[0].code}
        made = await self.asks("/v1/subscriptions", body, at=1)
        assert made.status == 201, made
        return await self.paid_at_the_gateway(made.json["open_invoice"]["id"])

    async def one_off(self) -> Bill:
        body = {
            "customer": {"reference": self.name()},
            "lines": [{"description": "Pemasangan", "amount": 10_000}],
        }
        made = await self.asks("/v1/invoices", body, at=1)
        assert made.status == 201, made
        return await self.paid_at_the_gateway(made.json["id"])

    async def notice(self, bill: Bill, *, at: int) -> None:
        path = f"/gateway/pakasir/{self.shops.busy.id}"
        body = {"order_id": bill.charge_id, "status": "completed"}
        answer = await self.asks(path, body, at=at)
        assert answer.status == 200, answer

    async def outcome(self, bill: Bill) -> tuple[str, str]:
        """What the invoice and its one payment have become, once the gateway was asked."""
        ends = monotonic() + PATIENCE
        while True:
            found = await self.runtime.db.read(lambda tx: tx.all(OUTCOMES, charge=bill.charge_id))
            if found:
                break
            assert monotonic() < ends, "money that is in no book"
            await asyncio.sleep(0.01)
        (outcome,) = found
        status = await self.runtime.db.read(lambda tx: tx.one(STATUS, invoice=bill.invoice_id))
        return status or "", outcome

    async def soon(self) -> None:
        """Any time within the other's way."""
        await asyncio.sleep(self.dice.uniform(0, 0.03))


async def equal_notices(two: Two) -> None:
    bill = await two.bill()
    await asyncio.gather(*(two.notice(bill, at=number) for number in range(NOTICES)))
    assert await two.outcome(bill) == ("paid", "settled")


async def equal_keys(two: Two) -> None:
    name = two.name()
    body = {
        "customer": {"reference": name},
        "lines": [{"description": "Pemasangan", "amount": 10_000}],
    }
    copies = (
        two.until_answered("/v1/invoices", body, at=number, key=name) for number in range(COPIES)
    )
    answers = await asyncio.gather(*copies)
    assert all(answer == answers[0] for answer in answers)
    assert await two.runtime.db.read(lambda tx: tx.one(INVOICES_OF, reference=name)) == 1


async def pay_against_void(two: Two) -> None:
    """A first invoice is revived by its money; that of a one-off which is void is credit."""
    is_first = two.dice.random() < 0.5
    bill = await (two.bill() if is_first else two.one_off())

    async def voids() -> Answer:
        await two.soon()
        reason = {"reason": "salah paket"}
        return await two.asks(f"/v1/invoices/{bill.invoice_id}/void", reason, at=1)

    async def is_told() -> None:
        await two.soon()
        await two.notice(bill, at=0)

    voided, _ = await asyncio.gather(voids(), is_told())
    outcome = await two.outcome(bill)
    if voided.status != 200:
        assert (voided.status, voided.json["code"]) == (409, "invoice_paid")
    if is_first or voided.status != 200:
        assert outcome == ("paid", "settled")
    else:
        assert outcome == ("void", "credited")
    two.done["void first" if voided.status == 200 else "paid first"] += 1


def both_ends_were_seen(two: Two) -> bool:
    return two.done["void first"] > 0 < two.done["paid first"]


async def paid_in_time(two: Two) -> tuple[Bill, datetime]:
    """A first invoice with money that nobody knows of yet, and the instant, soon, at which its time
    is over. What a busy machine pays too late is no race: it is told of, and another is made."""
    runtime, seconds = two.runtime, 2.0
    while True:
        ends = runtime.clock.now() + timedelta(seconds=seconds)
        bill = await two.paid_at_the_gateway(await runtime.db.write(comes, two, ends - TIME_OUT))
        if runtime.clock.now() < ends:
            return bill, ends
        await two.notice(bill, at=0)
        assert await two.outcome(bill) == ("paid", "settled")
        two.done["too late to race"] += 1
        seconds *= 2


def comes(tx: Transaction, two: Two, began: datetime) -> str:
    app = app_by_id(tx, two.shops.busy.id)
    done = subscribe(
        tx, app, two.runtime.links, Subscriber(two.name()), PLANS[0].code, None, {}, began
    )
    assert done.resource.open_invoice is not None
    return done.resource.open_invoice.id


async def pay_against_expiry(two: Two) -> None:
    """It was paid in time, and nobody knew: whichever comes first, it is never void."""
    runtime = two.runtime
    bill, ends = await paid_in_time(two)
    await asyncio.sleep(max(0.0, (ends - runtime.clock.now()).total_seconds()))

    async def expires() -> None:
        await two.soon()
        app = await runtime.db.read(lambda tx: app_by_id(tx, two.shops.busy.id))
        await expire_invoices(runtime, app)

    async def is_told() -> None:
        await two.soon()
        await two.notice(bill, at=two.dice.randrange(2))

    await asyncio.gather(expires(), is_told(), expires())
    assert await two.outcome(bill) == ("paid", "settled")
    assert await runtime.db.read(lambda tx: tx.one(VOIDED, invoice=bill.invoice_id)) == 0
    two.done["paid in time"] += 1


async def roll_against_use(two: Two) -> None:
    """From a roll's answer on nobody gets in with the old key. Two rolls of one instant may both
    be made: each of its keys is good."""
    made = await two.asks("/v1/keys", {"name": two.name(), "scopes": ["read"]}, at=0)
    assert made.status == 201, made
    old, path = made.json["secret"], f"/v1/keys/{made.json['id']}/roll"

    async def uses(number: int, secret: str) -> int:
        """Each from another address: one that comes with wrong keys is soon told to wait."""
        await two.soon()
        address = f"10.{two.dice.randrange(256)}.{two.dice.randrange(256)}.{number}"
        used = await two.asks("/v1/app", api_key=secret, method="GET", at=number, address=address)
        return used.status

    async def rolls(number: int) -> Answer:
        await two.soon()
        return await two.asks(path, {"ends_in": 0}, at=number)

    first, second, *used = await asyncio.gather(
        rolls(0), rolls(1), *(uses(number, old) for number in range(USES))
    )
    made_now = [roll.json["secret"] for roll in (first, second) if roll.status == 201]
    assert made_now
    assert {first.status, second.status} <= {201, 409}, (first, second)
    assert set(used) <= {200, 401}, used
    assert [await uses(number, old) for number in range(2)] == [401, 401]
    for fresh in made_now:
        assert [await uses(number, fresh) for number in range(2)] == [200, 200]


RACES: tuple[Callable[[Two], Awaitable[None]], ...] = (
    equal_notices, equal_keys, pay_against_void, pay_against_expiry, roll_against_use,
)  # fmt: skip


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", seeds(WORLDS))
async def test_whatever_races_one_of_them_counts(
    database_url: str, seed: int, tmp_path: Path
) -> None:
    runtime = await open_runtime(Settings(database_url=database_url, secret_key=SecretStr(KEY)))
    shops = await runtime.db.write(opens, runtime, "https://hear.example/hook")
    async with AsyncExitStack() as stack:
        origins = []
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            operator = Operator(folder, database_url=database_url, secret_key=KEY)
            serving = operator.serving(with_worker=False)
            served = await asyncio.to_thread(stack.enter_context, serving)
            origins.append(served.origin)
        # A connection each: one that is kept may be closed, as silent for five seconds, just as the
        # next request is sent on it.
        connector = aiohttp.TCPConnector(limit=100, force_close=True)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        two = Two(runtime, shops, origins, http, Random(seed))
        for turn in range(TURNS):
            try:
                await asyncio.gather(*(race(two) for race in RACES))
            except Exception as error:
                error.add_note(f"turn {turn} of the seed {seed}")
                raise
        for _ in range(MOST_MORE):
            if TURNS < ENOUGH_TURNS or both_ends_were_seen(two):
                break
            await pay_against_void(two)
    await runtime.close()
    check_invariants(database_url)
    if TURNS >= ENOUGH_TURNS:
        assert both_ends_were_seen(two), two.done
    print(f"{TURNS * len(RACES)} rounds, {dict(two.done)}")  # noqa: T201 - a figure
