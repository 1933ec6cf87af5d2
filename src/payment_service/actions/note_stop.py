"""Note a stop: a process that ends as it was told to is missed by nobody."""

import asyncio
from contextlib import suppress

from payment_service.kit.errors import Unavailable
from payment_service.model.heartbeat import beat
from payment_service.runtime import Runtime

PATIENCE_SECONDS = 2.0
"""A database that takes nothing must not keep the process from ending."""


async def note_stop(runtime: Runtime) -> None:
    machine = runtime.machine
    if machine is None or not machine.roles:
        return
    with suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await runtime.db.write(beat, machine, runtime.clock.now(), has_stopped=True)
