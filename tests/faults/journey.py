"""One seed of a bad network: an app, its payer, its gateway, each behind a way that goes wrong."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from random import Random
from typing import Any, NamedTuple, TypeVar

import aiohttp
import httpx

from payment_service_client import AsyncClient, Patience
from payment_service_client.errors import PaymentServiceError
from payment_service_client.records import Qris, Subscription
from tests.faults.way import KINDS, Way
from tests.service import NOTICE_SECRET, Pakasir
from tests.story import App

T = TypeVar("T")
SECONDS = 1.0
"""For an attempt of anybody."""
MOST_TRIES = 60
NOTICES = 5
"""How often the gateway tells of money until it is heard."""
PATIENCE = Patience(attempt_seconds=SECONDS, attempts=1)
"""The app asks again itself, sooner than it is told to."""
LONGEST = 3
"""Requests in a row that go wrong on one way."""


class Ways(NamedTuple):
    """From the app to the service, from the gateway to it, and from it to the gateway and the app's
    webhook."""

    door: Way
    notices: Way
    gateway: Way
    ear: Way

    @classmethod
    async def open(cls, stack: AsyncExitStack) -> "Ways":
        grows = (True, True, False, False)
        ways = [Way(grows_requests=grown) for grown in grows]
        return cls(*[await stack.enter_async_context(way) for way in ways])


class Journey:
    """Draws everything from its number alone."""

    def __init__(self, number: int, ways: Ways) -> None:
        self.number = number
        self.rng = Random(number)
        self.ways = ways
        self.app: App
        # Names that lead to a machine with a certificate of its own making: the gateway's for so
        # many calls, the webhook's until the owner sees it.
        self.strange_calls = self.rng.choice([0] * 8 + [1, 3])
        self.strange_ear = self.rng.random() < 0.1
        self.strangers = self.strange_calls + self.strange_ear
        self.subscriptions: set[str] = set()
        self.one_offs: set[str] = set()
        self.codes: set[str] = set()
        """What the app was told it has."""
        for way in ways:
            count = self.rng.choice([0, 1, 1, 2, LONGEST])
            way.goes_wrong(self.rng.choice(KINDS) for _ in range(count))

    @property
    def tenant(self) -> str:
        return f"tenant-{self.number}"

    def fired(self) -> Counter[str]:
        """How often what went wrong."""
        told = Counter({"certificate": self.strangers} if self.strangers else {})
        for way in self.ways:
            told.update(way.fired)
        return told

    async def begins(self, pakasir: Pakasir) -> None:
        """Until the payer has paid; whether the gateway is heard is another matter."""
        # The ways are plain http: nothing is gained by reading in all authorities for each app.
        transport = httpx.AsyncHTTPTransport(verify=False)
        async with AsyncClient(
            self.app.api_key, self.ways.door.origin, patience=PATIENCE, transport=transport
        ) as client:
            await self._until(lambda: self._asks_for_a_fee(client))
            made = await self._until(lambda: self._subscribes(client))
            assert made.open_invoice is not None
            invoice = made.open_invoice.id
            code = await self._until(lambda: self._asks_for_code(client, invoice))
        assert code.charge_id is not None
        notice = await pakasir.receives_money(code.charge_id)
        await self._tells(notice)

    async def calms_down(self) -> None:
        self.strange_calls = 0
        for way in self.ways:
            await way.calms_down()

    async def _subscribes(self, client: AsyncClient) -> Subscription:
        made = await client.subscriptions.create(
            reference=self.tenant, plan="bulanan", idempotency_key=f"make-{self.number}"
        )
        self.subscriptions.add(made.id)
        return made

    async def _asks_for_a_fee(self, client: AsyncClient) -> None:
        """Each request is another invoice, but for its key."""
        issued = await client.invoices.create(
            reference=self.tenant,
            lines=[("Pasang di tempat", 150_000)],
            idempotency_key=f"fee-{self.number}",
        )
        self.one_offs.add(issued.id)

    async def _asks_for_code(self, client: AsyncClient, invoice: str) -> Qris:
        code = await client.invoices.qris(invoice, idempotency_key=f"code-{self.number}")
        self.codes.add(str(code.charge_id))
        return code

    async def _until(self, asks: Callable[[], Awaitable[T]]) -> T:
        """The app asks again, with the same key, until it is told."""
        said: Any = None
        for _ in range(MOST_TRIES):
            try:
                return await asks()
            except PaymentServiceError as error:
                said = error
                await asyncio.sleep(0.05)
        raise AssertionError(f"nothing came of it in {MOST_TRIES} tries: {said!r}")

    async def _tells(self, notice: bytes) -> None:
        """As the gateway does: a few times, and never again."""
        headers = {"X-Secret": NOTICE_SECRET, "Content-Type": "application/json"}
        url = self.ways.notices.origin + self.app.notice_path
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            for _ in range(self.rng.randint(1, NOTICES)):
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with http.post(url, data=notice, headers=headers) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.02)
