"""The simulator as a server of its own, to stand where Pakasir would."""

import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from starlette.applications import Starlette
from starlette.routing import Route

from payment_service.kit.clock import Clock, SystemClock
from payment_service.kit.database import Database, open_database
from payment_service.kit.door import address_of, listening
from payment_service.kit.serving import serve_until_stopped
from payment_service.outside.simulator.codes import by_reference, create_table
from payment_service.outside.simulator.fault_pages import fault_routes
from payment_service.outside.simulator.faults import Faults
from payment_service.outside.simulator.messenger import Messenger
from payment_service.outside.simulator.notices import Notice, NoticeSender
from payment_service.outside.simulator.pages import hosted_pages
from payment_service.outside.simulator.pay_link import pay_link_routes
from payment_service.outside.simulator.project import Project
from payment_service.outside.simulator.settings import SimulatorSettings
from payment_service.outside.simulator.spoil import spoiled
from payment_service.outside.simulator.v1 import v1_calls
from payment_service.outside.simulator.v2 import v2_calls

log = structlog.get_logger()


def simulator_app(
    db: Database,
    clock: Clock,
    settings: SimulatorSettings,
    send_notice: Callable[[Notice], Awaitable[None]],
    *,
    faults: Faults | None = None,
) -> Starlette:
    """Both versions of the API, the hosted page, and the calls that set faults.

    `send_notice` is given the body of each notice, which tells its content type.
    """
    faults = Faults() if faults is None else faults
    messenger = Messenger(settings.api, send_notice, faults)

    async def now_for(_: str) -> datetime:
        return clock.now()

    async def on_paid(reference: str) -> None:
        code = await db.read(by_reference, reference, clock.now())
        if code is not None:
            await messenger.tell(code)

    project = Project(db, clock, settings, on_paid)
    calls = [*v2_calls(project), *v1_calls(project)]
    return Starlette(
        routes=[
            *(
                Route(one.path, spoiled(one, project, faults), methods=[one.method])
                for one in calls
            ),
            *hosted_pages(db, now_for, on_paid, with_way_back=True),
            *pay_link_routes(project),
            *fault_routes(faults, settings.api_key),
        ]
    )


async def serve_simulator(
    settings: SimulatorSettings,
    port: int,
    host: str = "127.0.0.1",
    database_url: str | None = None,
    *,
    clock: Clock | None = None,
    faults: Faults | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or cancellation.

    The codes go into a file that is gone afterwards, unless `database_url` names one. Port 0 takes
    a free one; `on_ready` is told the address. Raises CannotStart.
    """
    clock = clock or SystemClock()
    faults = Faults() if faults is None else faults
    secret = settings.webhook_secret if settings.api == "v2" else ""
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder, listening(host, port) as door:
        db = open_database(database_url or f"sqlite:///{folder}/simulator.sqlite3")
        notices = NoticeSender(settings.webhook_url, secret)
        app = simulator_app(db, clock, settings, notices, faults=faults)
        try:
            await db.write(create_table, db.dialect)
            address = address_of(door)
            log.info("simulator.ready", address=address, project=settings.project)
            if on_ready is not None:
                on_ready(address)
            await serve_until_stopped(app, door, lifespan="off")
        finally:
            await faults.close()
            await notices.close()
            await db.close()
