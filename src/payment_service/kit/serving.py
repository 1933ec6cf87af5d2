"""Serving HTTP from this process: a listening socket, and a server that ends when it is told to."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from payment_service.kit.errors import CannotStart


class Server(uvicorn.Server):
    """uvicorn without its signal handling, which ends the process before we have tidied up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens, closed at the end; port 0 takes a free one.

    Raises CannotStart when the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host} port {port} ({error.strerror}); choose another port"
        ) from error
    with door:
        yield door


def address_of(door: socket.socket) -> str:
    """The origin at which this socket is reached from the same machine."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve_until_stopped(
    app: Any, door: socket.socket, *, on_stop: Callable[[], None] | None = None, **options: Any
) -> None:
    """Serve on the socket until SIGTERM, SIGINT or cancellation; requests in flight finish.

    `on_stop` is called at once, before that wait: answers that never end by themselves, such as
    event streams, need to be told.
    """
    config = uvicorn.Config(app, access_log=False, log_config=None, **options)
    server = Server(config)
    serving = asyncio.create_task(server.serve([door]))
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True
        if on_stop is not None:
            on_stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread: tests
            loop.add_signal_handler(name, stop)
    try:
        await asyncio.shield(serving)
    finally:
        stop()
        await serving
        for name in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(ValueError, RuntimeError):
                loop.remove_signal_handler(name)
