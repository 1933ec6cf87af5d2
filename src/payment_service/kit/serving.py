"""Serving HTTP from this process until it is told to stop."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from payment_service.kit.bounded_http import SECONDS, BoundedHttp
from payment_service.kit.door import Door
from payment_service.kit.open_files import room_for_connections

try:
    import uvloop

    new_loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
except ImportError:  # not made for this system
    new_loop = asyncio.new_event_loop

T = TypeVar("T")
ENDED_AT_ONCE = 1
SWITCH_SECONDS = 0.001
"""After which a thread that computes lets another go on. With Python's 5 ms the writer keeps
answers waiting: half of the reads beside a billing run took 4.5 ms and take 3.8."""
TICK_SECONDS = 0.1  # uvicorn counts on ten ticks a second
TICKS_A_LOOK = 5
CROWDED_PATIENCE = 1.0
"""Seconds in which a request must arrive where a quarter of all connections stand: whoever says
nothing on thousands leaves none to others."""
LOOK_EVERY = 0.01
"""Seconds, while the server stops."""
TICKS_A_DAY = 864_000
LONGEST_STOP = 24.0
"""Seconds from being told to stop to the end of the process, whatever is still under way. Each part
has a shorter deadline of its own."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a process that serves, on the faster event loop where there is one."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


class Server(uvicorn.Server):
    """uvicorn without its signal handling, which ends the process before we have tidied up."""

    def __init__(
        self, config: uvicorn.Config, *, patience: float = SECONDS, most: int | None = None
    ) -> None:
        super().__init__(config)
        self._patience = patience
        self._most = most or room_for_connections()
        self._asked_to_stop = asyncio.Event()
        self._doors: list[Door] = []

    def stop(self) -> None:
        self.should_exit = True
        self._asked_to_stop.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        self._doors = [Door(one, self._connection, self._room) for one in sockets or []]
        for door in self._doors:
            door.open()

    async def main_loop(self) -> None:
        """As uvicorn's, which sleeps through being asked to stop."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % TICKS_A_DAY
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._asked_to_stop.wait()

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_A_LOOK == 0:
            now, connections = asyncio.get_running_loop().time(), self._connections()
            crowded = len(connections) > self._most // 4
            patience = min(self._patience, CROWDED_PATIENCE) if crowded else self._patience
            for connection in connections:
                connection.look(now, patience)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for door in self._doors:
            await door.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._see_to_the_end()
        await self.lifespan.shutdown()

    async def _see_to_the_end(self) -> None:
        """Of what is under way, as uvicorn does it, but without its waits of a tenth of a second,
        of which there are two or three in each stop."""
        state = self.server_state
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn's, without events
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            for task in state.tasks:
                task.cancel(msg="the time to stop is over")

    def _room(self) -> int:
        return self._most - len(self.server_state.connections)

    def _connection(self) -> BoundedHttp:
        return BoundedHttp(self.config, self.server_state, self.lifespan.state)

    def _connections(self) -> list[BoundedHttp]:
        return [one for one in self.server_state.connections if isinstance(one, BoundedHttp)]

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_until_stopped(
    app: Any,
    door: socket.socket,
    *,
    on_stop: Callable[[], None] | None = None,
    patience: float = SECONDS,
    most: int | None = None,
    **options: Any,
) -> None:
    """Serve on the socket until SIGTERM, SIGINT or cancellation; requests in flight finish.

    `on_stop` is called at once, before that wait: whoever goes on by itself, such as a worker and
    answers that stay open, needs to be told. `patience` is for requests to arrive, `most` how many
    connections may stand, by default as many as there are files for.
    """
    config = uvicorn.Config(app, http=BoundedHttp, access_log=False, log_config=None, **options)
    server = Server(config, patience=patience, most=most)
    serving = asyncio.create_task(server.serve([door]))

    def stop() -> None:
        server.stop()
        if on_stop is not None:
            on_stop()

    with told_to_stop(stop):
        try:
            await asyncio.shield(serving)
        finally:
            stop()
            await serving


@contextmanager
def told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on SIGTERM and SIGINT, where this is the process's main thread.

    A second one ends the process at once. So does the time, if something hangs: what was answered
    is committed, and what was begun is leased and comes back to another.
    """
    loop = asyncio.get_running_loop()
    was_told = False

    def hear() -> None:
        nonlocal was_told
        if was_told:
            os._exit(ENDED_AT_ONCE)
        was_told = True
        loop.call_later(LONGEST_STOP, os._exit, 0)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(ValueError, RuntimeError):
            loop.add_signal_handler(number, hear)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(ValueError, RuntimeError):
                loop.remove_signal_handler(number)
