"""An app at a service that is a process of its own: its customers, and what it was told."""

from typing import Any, NamedTuple

import aiohttp
import msgspec

from payment_service.actions.add_plan import add_plan
from payment_service.actions.open_charge import open_charge
from payment_service.actions.register_app import Registered, Registration, register_app
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.kit.statements import Transaction, save
from payment_service.outside.simulator.codes import complete
from payment_service.outside.simulator.v2 import told
from payment_service.runtime import Runtime
from tests.story import FAST, PLANS

METADATA = {f"field {number}": "x" * 200 for number in range(9)}


class Said(NamedTuple):
    """An answer of the service."""

    status: int
    request_id: str
    body: Any


class Shop(NamedTuple):
    """`notices` are of money that has come and of which nobody was told, by code."""

    app_id: str
    api_key: str
    secret: str
    notices: dict[str, bytes]

    async def subscribes(self, http: aiohttp.ClientSession, origin: str, name: str) -> Said:
        who = {"reference": name, "metadata": METADATA}
        return await self.asks(http, f"{origin}/v1/subscriptions", {"customer": who, **BULANAN})

    async def asks(self, http: aiohttp.ClientSession, url: str, body: object = None) -> Said:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        async with http.post(url, json=body, headers=headers) as answer:
            return Said(answer.status, answer.headers["request-id"], await answer.json())

    async def is_told_of_money(self, http: aiohttp.ClientSession, origin: str, code: str) -> Said:
        url, headers = f"{origin}/gateway/pakasir/{self.app_id}", {"X-Secret": self.secret}
        async with http.post(url, data=self.notices[code], headers=headers) as answer:
            return Said(answer.status, answer.headers["request-id"], await answer.json())


BULANAN = {"plan": PLANS[0].code}


async def open_shop(runtime: Runtime, *, webhook_url: str | None = None, payers: int = 0) -> Shop:
    """So many customers have paid, unknown to the service."""

    def register(tx: Transaction) -> Registered:
        now = runtime.clock.now()
        wanted = Registration(name="BukuBengkel", mode="test", webhook_url=webhook_url)
        done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
        fast = msgspec.structs.replace(done.app, requests_per_second=FAST)
        save(tx, done.app, fast)
        add_plan(tx, done.app.id, PLANS[0], now)
        return done._replace(app=fast)

    done = await runtime.db.write(register)
    notices = {}
    for number in range(payers):
        now = runtime.clock.now()
        who = Subscriber(f"payer-{number}")
        owed = await runtime.db.write(
            subscribe, done.app, runtime.links, who, PLANS[0].code, None, {}, now
        )
        assert owed.resource.open_invoice is not None
        code = await open_charge(runtime, done.app.id, owed.resource.open_invoice.id)
        paid = await runtime.db.write(complete, code.charge.reference or "", now)
        assert paid is not None
        notices[code.charge.id] = msgspec.json.encode(told(paid))
    secret = runtime.secrets.open(done.app.gateway_webhook_secret or "")
    return Shop(done.app.id, done.api_key, secret, notices)
