"""Servers for the tests of what goes out: each on a free port of the loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple, Self

import aiohttp
import uvicorn
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from starlette.applications import Starlette

from payment_service.kit.clock import Clock
from payment_service.kit.database import Database
from payment_service.kit.door import listening
from payment_service.kit.serving import Server
from payment_service.outside.simulator.notices import NoticeSender
from payment_service.outside.simulator.server import simulator_app
from payment_service.outside.simulator.settings import SimulatorSettings
from tests.hearing import hearing

PROJECT = "bukubengkel"
API_KEY = "kunci-proyek-rahasia"
WEBHOOK_SECRET = "rahasia-webhook"


class Heard(NamedTuple):
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str]


class Receiver:
    """Remembers every request, and answers each with the next of `answers`, then with 200."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: list[web.Response] = []
        self.port = 0
        self._open = AsyncExitStack()
        self._arrived = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def __aenter__(self) -> Self:
        self.port = await self._open.enter_async_context(hearing(self._hear))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def hears(self, count: int) -> list[Heard]:
        """Wait until so many requests have come."""
        async with asyncio.timeout(30):
            while len(self.heard) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.heard

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.heard.append(Heard(request.path, dict(request.headers), body, dict(request.query)))
        self._arrived.set()
        return self.answers.pop(0) if self.answers else web.Response(text="ok")


class RawServer:
    """Hands each connection to `manners` and counts them, and what was sent on them."""

    def __init__(
        self,
        manners: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
        *,
        ssl: Any = None,
    ) -> None:
        self._manners = manners
        self._ssl = ssl
        self.connections = 0
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=self._ssl)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._manners(reader, writer)
        except (ConnectionError, EOFError):
            pass
        finally:
            writer.close()


class FixedResolver(AbstractResolver):
    """Leads every name to the next of these addresses, the last one for ever."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        self.asked += 1
        address = self._addresses.pop(0) if len(self._addresses) > 1 else self._addresses[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=10 if ":" in address else 2,
                proto=0,
                flags=0,
            )
        ]

    async def close(self) -> None:
        return None


class RunningSimulator(NamedTuple):
    """Where it listens, and what it knows."""

    origin: str
    port: int
    db: Database
    http: aiohttp.ClientSession
    """A session with the project's key, for asking it as Pakasir's users do."""

    async def pay(self, reference: str) -> None:
        """Press the button of the hosted page."""
        async with self.http.post(f"{self.origin}/pay-v2/{reference}/paid") as response:
            assert response.status == 200


@asynccontextmanager
async def running_simulator(
    db: Database,
    clock: Clock,
    receiver: Receiver,
    *,
    limits: bool = False,
    sandbox: bool = True,
    waits: Sequence[float] = (0, 0, 0, 0, 0),
) -> AsyncIterator[RunningSimulator]:
    settings = SimulatorSettings(
        project=PROJECT,
        api_key=API_KEY,
        webhook_url=receiver.url,
        webhook_secret=WEBHOOK_SECRET,
        limits=limits,
        sandbox=sandbox,
    )
    notices = NoticeSender(settings.webhook_url, settings.webhook_secret, waits)
    app = simulator_app(db, clock, settings, notices)
    async with (
        serving(app) as port,
        aiohttp.ClientSession(headers={"X-Api-Key": API_KEY}) as http,
    ):
        yield RunningSimulator(f"http://127.0.0.1:{port}", port, db, http)
    await notices.close()


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """The app on a free port of the loopback."""
    server = Server(uvicorn.Config(app, lifespan="off", log_config=None))
    with listening("127.0.0.1", 0) as door:
        task = asyncio.create_task(server.serve([door]))
        yield door.getsockname()[1]
        server.stop()
        await task
