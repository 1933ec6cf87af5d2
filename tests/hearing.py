"""Being heard: whatever is asked on a port of the loopback reaches one function."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Hear = Callable[[web.Request], Awaitable[web.StreamResponse]]


def free_port() -> int:
    """One that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    return port


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
