"""A story on each kind of database: the service, a gateway and a receiver over real sockets.

On SQLite the service is one process. On PostgreSQL it is four, two that answer and two that work.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from payment_service.kit.database import open_database
from payment_service.kit.passwords import Passwords
from tests.clocks import HandClock
from tests.instances import Instances
from tests.invariants import check_invariants
from tests.outside.parties import Receiver
from tests.service import running_pakasir, running_service
from tests.several import several_services
from tests.story import Story


@asynccontextmanager
async def told_story(
    database_url: str,
    clock: HandClock,
    folder: Path,
    *,
    sandbox: bool = True,
    limits: bool = False,
    paced: bool = False,
    others: Sequence[Receiver] = (),
    passwords: Passwords | None = None,
    host: str = "127.0.0.1",
    instances: Instances | None = None,
) -> AsyncIterator[Story]:
    """Whatever happens in it, the invariants hold afterwards. `others` may be sent to as well.
    The service is in this process, or in those of `instances`."""
    gateways_own = open_database(f"sqlite:///{folder}/pakasir.sqlite3")
    try:
        async with (
            Receiver() as receiver,
            running_pakasir(gateways_own, clock, sandbox=sandbox, limits=limits) as pakasir,
        ):
            ports = (receiver.port, pakasir.port, *(one.port for one in others))
            targets = [f"127.0.0.1:{port}" for port in ports]
            async with (
                running_service(
                    database_url,
                    clock,
                    targets=targets,
                    paced=paced,
                    passwords=passwords,
                    host=host,
                )
                if instances is None
                else several_services(
                    instances, database_url, clock, targets=targets, paced=paced, host=host
                )
            ) as service:
                yield Story(service, clock, pakasir, receiver)
                # Beside the service's end: each takes a while to let go of its connections.
                await pakasir.let_go()
                ending = asyncio.create_task(pakasir.stop())
            await ending
    finally:
        await gateways_own.close()
    check_invariants(database_url)


@pytest.fixture
async def story(
    database_url: str, clock: HandClock, tmp_path: Path, instances: Instances | None
) -> AsyncIterator[Story]:
    """Its gateway is in sandbox."""
    async with told_story(database_url, clock, tmp_path, instances=instances) as story:
        yield story


@pytest.fixture
async def live_story(
    database_url: str, clock: HandClock, tmp_path: Path, instances: Instances | None
) -> AsyncIterator[Story]:
    """Its gateway moves what would be real money."""
    async with told_story(
        database_url, clock, tmp_path, sandbox=False, instances=instances
    ) as story:
        yield story


@pytest.fixture
async def limited_story(
    database_url: str, clock: HandClock, tmp_path: Path, instances: Instances | None
) -> AsyncIterator[Story]:
    """Its gateway answers 429 to who asks too often, as Pakasir does."""
    async with told_story(database_url, clock, tmp_path, limits=True, instances=instances) as story:
        yield story


@pytest.fixture
async def second() -> AsyncIterator[Receiver]:
    async with Receiver() as one:
        yield one


@pytest.fixture
async def third() -> AsyncIterator[Receiver]:
    async with Receiver() as one:
        yield one


@pytest.fixture
async def story_of_three(
    database_url: str,
    clock: HandClock,
    tmp_path: Path,
    instances: Instances | None,
    second: Receiver,
    third: Receiver,
) -> AsyncIterator[Story]:
    """Two more receivers may be sent to."""
    async with told_story(
        database_url, clock, tmp_path, others=(second, third), instances=instances
    ) as story:
        yield story


@pytest.fixture
async def lone_story(database_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Story]:
    """The service is in this process, whose log and counts can be read."""
    async with told_story(database_url, clock, tmp_path) as story:
        yield story
