"""The simulator as a server of its own, to stand where Pakasir would."""

import tempfile
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.clock import Clock, SystemClock
from payment_service.kit.database import Database, open_database
from payment_service.kit.serving import address_of, listening, serve_until_stopped
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
        try:
            await db.write(create_table, db.dialect)
            address = address_of(door)
            log.info("simulator.ready", address=address, project=settings.project)
            if on_ready is not None:
                on_ready(address)
            await serve_until_stopped(app, door, lifespan="off")
        finally:
            await notices.close()
            await db.close()
