"""Simulators that a test sets up as it needs them, over real HTTP, on a SQLite file."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest

from payment_service.kit.database import Database
from payment_service.outside.simulator.faults import Faults
from payment_service.outside.simulator.server import simulator_app
from tests.clocks import HandClock
from tests.outside.parties import API_KEY, serving
from tests.outside.simulator.asking import Asker, settings

Simulate = Callable[..., Awaitable[Asker]]


@pytest.fixture
async def simulate(file_of_codes: Database, clock: HandClock) -> AsyncIterator[Simulate]:
    """Starts one with these changes to its settings; all share their codes."""
    async with AsyncExitStack() as stack:

        async def start(*, seed: int = 0, seconds: float = 0.01, **changes: object) -> Asker:
            faults = Faults(seed, seconds=seconds)
            asker = Asker("", faults)
            app = simulator_app(
                file_of_codes, clock, settings(**changes), asker.hear, faults=faults
            )
            port = await stack.enter_async_context(serving(app))
            asker.origin = f"http://127.0.0.1:{port}"
            # Closed before the server, which gives connections that stand half a second.
            asker.http = await stack.enter_async_context(
                aiohttp.ClientSession(headers={"X-Api-Key": API_KEY})
            )
            stack.push_async_callback(faults.close)
            return asker

        yield start
