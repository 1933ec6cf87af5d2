"""Being heard: whatever is asked on a port of the loopback reaches one function."""

import os
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count, islice

from aiohttp import web

Hear = Callable[[web.Request], Awaitable[web.StreamResponse]]

PORTS = range(20_000, 32_768)
"""Below those that Linux gives to whoever asks for any. One of those could be given away before it
is listened on, and who knocks at it meanwhile now and then hears only itself."""
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_OURS = PORTS[_WORKER % 8 :: 8]
"""Each process of a run has its own: a port that one has chosen it may not listen on yet."""
_places = count(random.SystemRandom().randrange(len(_OURS)))


def free_port(host: str = "127.0.0.1") -> int:
    """One that nobody has, nor gets by chance before it is listened on."""
    for place in islice(_places, len(_OURS)):
        port = _OURS[place % len(_OURS)]
        with suppress(OSError), socket.create_server((host, port)):
            return port
    raise AssertionError("every port is taken")


@contextmanager
def refusing() -> Iterator[int]:
    """A port at which each connection is refused. It is had and not listened on: one that nobody
    has can be somebody else's at any moment."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@asynccontextmanager
async def hearing(hear: Hear, port: int = 0) -> AsyncIterator[int]:
    """The port, a free one unless it is named. What hangs at the end is broken off."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hear)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
