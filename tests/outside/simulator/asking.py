"""Asking the simulator in both versions of its API, and reading what it says."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import aiohttp
import msgspec

from payment_service.outside.simulator.faults import Fault, Faults
from payment_service.outside.simulator.notices import Notice
from payment_service.outside.simulator.settings import SimulatorSettings
from tests.outside.parties import API_KEY, PROJECT, WEBHOOK_SECRET

QRIS = {"method": "qris", "amount": 99_000}


class Said(NamedTuple):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def short(self) -> tuple[int, Any]:
        return self.status, self.json


class Asker:
    """A running simulator, its faults, the notices it has sent in order, and ways to ask it."""

    http: aiohttp.ClientSession

    def __init__(self, origin: str, faults: Faults) -> None:
        self.origin = origin
        self.faults = faults
        self.notices: list[Notice] = []
        self._arrived = asyncio.Event()

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(notice) for notice in self.notices]

    async def hear(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._arrived.set()

    async def hears(self) -> None:
        """Until the first notice."""
        async with asyncio.timeout(30):
            await self._arrived.wait()

    async def ask(self, method: str, path: str, **options: Any) -> Said:
        async with self.http.request(method, self.origin + path, **options) as answer:
            return Said(answer.status, answer.headers, await answer.read())

    async def create(self, order_id: str = "chg_1", amount: int = 99_000) -> Said:
        path = f"/api/v2/create-transaction/{PROJECT}/{order_id}"
        return await self.ask("POST", path, json=QRIS | {"amount": amount})

    async def status(self, reference: str) -> Said:
        return await self.ask("GET", f"/api/v2/transaction-status/{PROJECT}/{reference}")

    async def cancel(self, reference: str) -> Said:
        return await self.ask("POST", f"/api/v2/cancel-transaction/{PROJECT}/{reference}")

    async def made(self, order_id: str = "chg_1") -> str:
        """The reference of a code, new or not."""
        reference: str = (await self.create(order_id)).json["txn_id"]
        return reference

    async def pay(self, reference: str) -> None:
        """Press the button of the hosted page."""
        assert (await self.ask("POST", f"/pay-v2/{reference}/paid")).status == 200

    async def paid(self, order_id: str = "chg_1") -> str:
        reference = await self.made(order_id)
        await self.pay(reference)
        return reference

    async def v1(self, call: str, order_id: str = "chg_1", **changes: Any) -> Said:
        """One of `transactioncreate/qris`, `transactioncancel`, `paymentsimulation`."""
        return await self.ask("POST", f"/api/{call}", json=v1_fields(order_id) | changes)

    async def v1_detail(self, order_id: str = "chg_1", **changes: Any) -> Said:
        fields = v1_fields(order_id) | changes
        return await self.ask("GET", "/api/transactiondetail", params=fields)

    def will(self, **fault: Any) -> None:
        self.faults.add(Fault(**fault))


def v1_fields(order_id: str = "chg_1") -> dict[str, Any]:
    return {"project": PROJECT, "order_id": order_id, "amount": 99_000, "api_key": API_KEY}


def settings(**changes: Any) -> SimulatorSettings:
    return SimulatorSettings(
        project=PROJECT,
        api_key=API_KEY,
        webhook_url="",
        webhook_secret=WEBHOOK_SECRET,
        **{"limits": False, **changes},
    )
