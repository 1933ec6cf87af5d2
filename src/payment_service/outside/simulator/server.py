"""The simulator as a server of its own, to stand where Pakasir would."""

import asyncio
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.clock import Clock, SystemClock
from payment_service.kit.database import Database, open_database
from payment_service.kit.errors import CannotStart
from payment_service.outside.simulator.codes import by_reference, create_table
from payment_service.outside.simulator.notices import NoticeSender
from payment_service.outside.simulator.pages import hosted_pages
from payment_service.outside.simulator.settings import SimulatorSettings
from payment_service.outside.simulator.v2 import Answered, told, v2_routes

log = structlog.get_logger()


def simulator_app(
    db: Database,
    clock: Clock,
    settings: SimulatorSettings,
    send_notice: Callable[[bytes], Awaitable[None]],
) -> Starlette:
    """The API and the hosted page. `send_notice` is given the body of each notice."""

    async def on_paid(reference: str) -> None:
        code = await db.read(by_reference, reference, clock.now())
        if code is not None:
            await send_notice(msgspec.json.encode(told(code)))

    return Starlette(
        routes=[*v2_routes(db, clock, settings, on_paid), *hosted_pages(db, clock, on_paid)],
        exception_handlers={Answered: answer},
    )


async def answer(_: Request, ended: Exception) -> Response:
    if not isinstance(ended, Answered):
        raise ended
    return ended.response


async def serve_simulator(
    settings: SimulatorSettings,
    port: int,
    host: str = "127.0.0.1",
    database_url: str | None = None,
    *,
    clock: Clock | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or cancellation.

    The codes go into a file that is gone afterwards, unless `database_url` names one. Port 0 takes
    a free one; `on_ready` is told the address. Raises CannotStart.
    """
    clock = clock or SystemClock()
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder, listening(host, port) as door:
        db = open_database(database_url or f"sqlite:///{folder}/simulator.sqlite3")
        notices = NoticeSender(settings.webhook_url, settings.webhook_secret)
        app = simulator_app(db, clock, settings, notices)
        server = Server(uvicorn.Config(app, lifespan="off", access_log=False, log_config=None))
        try:
            await db.write(create_table, db.dialect)
            serving = asyncio.create_task(server.serve([door]))
            # The door has listened since it was opened: who connects now waits a moment.
            address = "http://{}:{}".format(*door.getsockname()[:2])
            log.info("simulator.ready", address=address, project=settings.project)
            if on_ready is not None:
                on_ready(address)
            await until_stopped(server, serving)
        finally:
            await notices.close()
            await db.close()


class Server(uvicorn.Server):
    """uvicorn without its signal handling, which ends the process before we have tidied up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens, closed at the end. Raises CannotStart when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host} port {port} ({error.strerror}); choose another port"
        ) from error
    with door:
        yield door


async def until_stopped(server: Server, serving: asyncio.Task[None]) -> None:
    """Wait for a signal or a cancellation; requests under way are answered first."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True

    with suppress(ValueError, RuntimeError):  # only the main thread hears signals
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        stop()
        await serving
        raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
