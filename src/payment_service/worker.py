"""The worker: what happens without anybody asking, in turns that never wait for one another."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine

import structlog

from payment_service.actions.deliver import Outgoing, deliver, lease_deliveries
from payment_service.actions.verify_charges import AT_ONCE, due_charges, verify_due
from payment_service.model.charge import Charge
from payment_service.runtime import Runtime

log = structlog.get_logger()

SWEEP_EVERY = 0.5
DELIVER_EVERY = 0.2


class Worker:
    """Verifies charges and delivers events until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: Counter[str] = Counter()
        """Sends under way, by endpoint."""
        self._asking: Counter[str] = Counter()
        """Calls to gateways under way, by app."""

    async def run(self) -> None:
        """Work until `stop`; what is under way is finished first."""
        await asyncio.gather(
            self._repeat("sweep", SWEEP_EVERY, self._sweep),
            self._repeat("deliver", DELIVER_EVERY, self._deliver),
        )
        if self._tasks:
            await asyncio.wait(self._tasks)

    def stop(self) -> None:
        self._stopping.set()

    async def _repeat(self, name: str, seconds: float, turn: Callable[[], Awaitable[bool]]) -> None:
        """Take turns; one that found work is followed by the next at once."""
        while not self._stopping.is_set():
            found = False
            try:
                found = await turn()
            except Exception as error:
                log.error("worker_turn_failed", turn=name, exc_info=error)
            if not found:
                await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _sweep(self) -> bool:
        for charge in await due_charges(self._runtime):
            if self._asking[charge.app_id] < AT_ONCE:
                self._start(self._verify(charge), self._asking, charge.app_id)
        return False

    async def _deliver(self) -> bool:
        leased = await lease_deliveries(self._runtime, self._sending)
        for outgoing in leased:
            self._start(self._send(outgoing), self._sending, outgoing.endpoint.id)
        return bool(leased)

    def _start(self, work: Coroutine[None, None, None], busy: Counter[str], name: str) -> None:
        """Begin and go on: a slow gateway or endpoint must not hold up the next turn."""
        task = asyncio.create_task(work)
        busy[name] += 1
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            busy[name] -= 1
            if not busy[name]:
                del busy[name]

        task.add_done_callback(ended)

    async def _verify(self, charge: Charge) -> None:
        try:
            await verify_due(self._runtime, charge)
        except Exception as error:
            log.error("verification_failed", charge=charge.id, exc_info=error)

    async def _send(self, outgoing: Outgoing) -> None:
        try:
            await deliver(self._runtime, outgoing)
        except Exception as error:
            log.error("delivery_broke", delivery=outgoing.delivery.id, exc_info=error)
