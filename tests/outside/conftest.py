"""The parties outside: the simulator's table and server, a receiver that remembers."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from payment_service.kit.database import Database, open_database
from payment_service.outside.addresses import parse_targets
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.session import GuardedSession
from payment_service.outside.simulator.codes import create_table
from tests.clocks import HandClock
from tests.outside.pakasir_says import KEY
from tests.outside.parties import Receiver, RunningSimulator, running_simulator

Make = Callable[..., PakasirGateway]


@pytest.fixture
async def codes(database: Database) -> Database:
    """An empty `simulated_codes`, once on each kind of database."""
    await database.write(create_table, database.dialect)
    return database


@pytest.fixture
async def file_of_codes(tmp_path: Path) -> AsyncIterator[Database]:
    """The same in a SQLite file only."""
    db = open_database(f"sqlite:///{tmp_path}/codes.sqlite3")
    await db.write(create_table, db.dialect)
    yield db
    await db.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as one:
        yield one


@pytest.fixture
async def simulator(
    clock: HandClock, receiver: Receiver, file_of_codes: Database
) -> AsyncIterator[RunningSimulator]:
    """The simulator over real HTTP, without limits, its notices going to `receiver`."""
    async with running_simulator(file_of_codes, clock, receiver) as running:
        yield running


@pytest.fixture
async def make(clock: HandClock) -> AsyncIterator[Make]:
    """Makes a gateway at a port of the loopback."""
    sessions = []

    def gateway(port: int, seconds: float = 5) -> PakasirGateway:
        session = GuardedSession(parse_targets(f"localhost:{port}"))
        sessions.append(session)
        return PakasirGateway(
            session,
            clock,
            origin=f"http://127.0.0.1:{port}/",
            project="toko",
            api_key=KEY,
            total_seconds=seconds,
        )

    yield gateway
    for session in sessions:
        await session.close()
