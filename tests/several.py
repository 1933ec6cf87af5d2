"""Two processes that answer and two that work, behind one address, in the place of one service."""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from payment_service.config import Settings, open_runtime
from payment_service.model.billing_run import BillingRun
from payment_service.web.app import web_app
from tests.clocks import HandClock
from tests.instances import Instance, Instances
from tests.service import KEY, Service

WEBS = WORKERS = 2


class Front:
    """Hands each connection to the next of them in turn, as a proxy before several would."""

    def __init__(self) -> None:
        self.port = 0
        self._ports = cycle((0,))

    def leads_to(self, origins: Sequence[str]) -> None:
        self._ports = cycle([urlsplit(origin).port or 0 for origin in origins])

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Front"]:
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", next(self._ports))
        await asyncio.gather(_pours(reader, there[1]), _pours(there[0], writer))


async def _pours(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while more := await reader.read(65_536):
            writer.write(more)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


class Several(Service):
    """What is asked goes to the webs in turn, and the workers take each turn at the same time. Its
    runtime is that of a fifth process, the test's, which does what is done by command."""

    webs: Sequence[Instance] = ()
    workers: Sequence[Instance] = ()

    async def rest(self) -> None:
        await asyncio.gather(*(web.rest() for web in self.webs))

    async def sweep(self) -> int:
        return sum(await asyncio.gather(*(worker.sweep() for worker in self.workers)))

    async def bill(self) -> list[BillingRun]:
        """As the database has them afterwards, each once."""
        made = await asyncio.gather(*(worker.bill() for worker in self.workers))
        return [run for runs in made for run in runs]

    async def cancel_codes(self) -> None:
        await asyncio.gather(*(worker.cancel_codes() for worker in self.workers))

    async def deliver(self) -> None:
        await asyncio.gather(*(worker.deliver() for worker in self.workers))

    async def answers_advances_within(self, seconds: float) -> None:
        await asyncio.gather(*(web.answers_advances_within(seconds) for web in self.webs))


@asynccontextmanager
async def several_services(
    instances: Instances,
    database_url: str,
    clock: HandClock,
    *,
    targets: Collection[str] = (),
    paced: bool = False,
    host: str = "127.0.0.1",
) -> AsyncIterator[Several]:
    clock.is_shown_on(instances.face)
    webs, workers = instances.all[:WEBS], instances.all[WEBS:]
    async with Front().open() as front:
        origin = f"http://{host}:{front.port}"
        settings = Settings(
            database_url=database_url,
            base_url=origin,
            private_targets=",".join(targets),
            secret_key=SecretStr(KEY),
        )
        runtime = await open_runtime(settings, clock=clock, make_schema=True, paced=paced)
        app = web_app(runtime)
        opening = (
            one.opens(database_url, targets=list(targets), paced=paced, base_url=origin, key=KEY)
            for one in instances.all
        )
        try:
            front.leads_to((await asyncio.gather(*opening))[: len(webs)])
            # A connection each, so that no request follows another to the same process.
            connector = aiohttp.TCPConnector(limit=50, force_close=True)
            async with aiohttp.ClientSession(connector=connector) as http:
                several = Several(origin, app, runtime, http)
                several.webs, several.workers = webs, workers
                yield several
        finally:
            await asyncio.gather(*(one.closes() for one in instances.all))
            await runtime.close()
            sys.stdout.write(instances.newly_logged())  # shown where the test fails
