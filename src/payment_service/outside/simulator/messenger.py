"""Word of payments: the notice in the shape of the project's version, with its faults."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from payment_service.outside.simulator import v1, v2
from payment_service.outside.simulator.alter import alter
from payment_service.outside.simulator.codes import SimulatedCode
from payment_service.outside.simulator.faults import Faults, Firing
from payment_service.outside.simulator.notices import JSON, Notice
from payment_service.outside.simulator.settings import Api

Send = Callable[[Notice], Awaitable[None]]


class Held(NamedTuple):
    """A notice that the next one is to overtake."""

    order_id: str
    notice: Notice
    fault: Firing
    overtaken: asyncio.Event


class Messenger:
    """Tells of each payment once, truly and at once, unless a fault fires."""

    def __init__(self, api: Api, send: Send, faults: Faults) -> None:
        self._api = api
        self._send = send
        self._faults = faults
        self._held: Held | None = None

    async def tell(self, code: SimulatedCode) -> None:
        order_id, faults = code.order_id, self._faults
        said = v2.told(code) if self._api == "v2" else v1.noticed(code)
        alter(said, "notice", order_id, faults)
        form = faults.fires("notice_form", "notice", order_id)
        content_type = form.variant if form else JSON
        notice = written(said, content_type)
        if faults.fires("notice_lost", "notice", order_id):
            return
        if late := faults.fires("notice_late", "notice", order_id):
            faults.put_off(self._send_later(notice, late.seconds))
            return
        among = {"pending_after", "canceled_after"} | ({"swapped"} if self._held is None else set())
        disorder = faults.draws("notices_out_of_order", "notice", order_id, among)
        if disorder and disorder.variant == "swapped":
            self._held = Held(order_id, notice, disorder, asyncio.Event())
            faults.put_off(self._send_at_last(self._held))
            return
        await self._send_once_or_twice(notice, order_id)
        if disorder:
            faults.count(disorder, order_id)
            status = disorder.variant.removesuffix("_after")
            await self._send(written(said | {"status": status, "completed_at": None}, content_type))
        if self._held and self._held.order_id != order_id:
            await self._send_overtaken(self._held)

    async def _send_once_or_twice(self, notice: Notice, order_id: str) -> None:
        twice = self._faults.fires("notice_twice", "notice", order_id)
        if twice and twice.variant == "together":
            await asyncio.gather(self._send(notice), self._send(notice))
            return
        await self._send(notice)
        if twice:
            await self._send(notice)

    async def _send_overtaken(self, held: Held) -> None:
        self._held = None
        held.overtaken.set()
        self._faults.count(held.fault, held.order_id)
        await self._send(held.notice)

    async def _send_later(self, notice: Notice, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._send(notice)

    async def _send_at_last(self, held: Held) -> None:
        """When nobody comes to overtake it in time: it was in order, and does not count."""
        with suppress(TimeoutError):
            await asyncio.wait_for(held.overtaken.wait(), held.fault.seconds)
        if self._held is held:
            self._held = None
            await self._send(held.notice)


def written(said: dict[str, Any], content_type: str) -> Notice:
    return Notice(msgspec.json.encode(said), content_type)
