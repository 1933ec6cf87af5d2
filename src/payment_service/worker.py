"""The worker: what happens without anybody asking, in turns that never wait for one another."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import structlog

from payment_service.actions.deliver import Outgoing, deliver, lease_deliveries
from payment_service.actions.verify_charges import sweep_charges
from payment_service.runtime import Runtime

log = structlog.get_logger()

SWEEP_EVERY = 0.5
DELIVER_EVERY = 0.2


class Worker:
    """Sweeps charges and delivers events until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._stopping = asyncio.Event()
        self._busy: Counter[str] = Counter()
        self._sends: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until `stop`; what is under way is finished first."""
        await asyncio.gather(
            self._repeat("sweep", SWEEP_EVERY, self._sweep),
            self._repeat("deliver", DELIVER_EVERY, self._deliver),
        )
        if self._sends:
            await asyncio.wait(self._sends)

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
        await sweep_charges(self._runtime)
        return False

    async def _deliver(self) -> bool:
        """Start the sends and go on: a slow endpoint must not hold up the next turn."""
        leased = await lease_deliveries(self._runtime, self._busy)
        for outgoing in leased:
            self._busy[outgoing.endpoint.id] += 1
            task = asyncio.create_task(self._send(outgoing))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)
        return bool(leased)

    async def _send(self, outgoing: Outgoing) -> None:
        try:
            await deliver(self._runtime, outgoing)
        except Exception as error:
            log.error("delivery_broke", delivery=outgoing.delivery.id, exc_info=error)
        finally:
            self._busy[outgoing.endpoint.id] -= 1
            if self._busy[outgoing.endpoint.id] <= 0:
                del self._busy[outgoing.endpoint.id]
