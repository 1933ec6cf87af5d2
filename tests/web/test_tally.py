"""What came in vain costs few writes, and none of it is lost while the database is away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from payment_service.kit.database import Database
from payment_service.kit.errors import Unavailable
from payment_service.migrations.upgrade import connected
from payment_service.model.app import APP
from payment_service.model.app import App as Record
from payment_service.model.notice import notice_tallies, unknown_notices
from payment_service.runtime import Runtime
from payment_service.web.tally import Tally
from tests.story import App


class Counted:
    """A database that counts its writes, and may be away for some of them."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.dialect = db.dialect
        self.writes = 0
        self.away_for = 0

    async def write(self, unit: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.writes += 1
        if self.away_for:
            self.away_for -= 1
            raise Unavailable("database_unreachable", "The database does not answer; ask again.")
        return await self.db.write(unit, *args, **kwargs)

    async def read(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self.db.read(query, *args, **kwargs)

    async def recall(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self.db.recall(query, *args, **kwargs)

    async def close(self) -> None:
        await self.db.close()


@pytest.fixture
def counted(app: App) -> Counted:
    return Counted(app.service.runtime.db)


@pytest.fixture
def runtime(app: App, counted: Counted) -> Runtime:
    return msgspec.structs.replace(app.service.runtime, db=counted)


@pytest.fixture
async def record(app: App) -> Record:
    found = await app.service.runtime.db.read(lambda tx: tx.one(APP, id=app.id))
    assert found is not None
    return found


@pytest.fixture
async def tally() -> AsyncIterator[Tally]:
    tally = Tally(pause=60)  # what is written is written at once, or since the end is near
    yield tally
    await tally.finish()


def counts(database_url: str) -> tuple[int, int, int]:
    """Unknown, wrong secrets, and bodies kept."""
    with connected(database_url) as connection:
        kept = connection.scalar(select(func.count()).select_from(unknown_notices)) or 0
        rows = connection.execute(select(notice_tallies)).all()
        return sum(row.unknown for row in rows), sum(row.wrong_secret for row in rows), kept


async def test_a_flood_costs_two_writes(
    tally: Tally, runtime: Runtime, record: Record, counted: Counted, database_url: str
) -> None:
    for place in range(5_000):
        tally.count_unknown(runtime, record, f"chg_{place}", "{}")
        tally.count_wrong_secret(runtime, record)
        if place % 500 == 0:
            await asyncio.sleep(0.005)
    await tally.finish()
    assert counted.writes == 2
    assert counts(database_url) == (5_000, 5_000, 1_000)


async def test_the_first_is_written_at_once(
    tally: Tally, runtime: Runtime, record: Record, database_url: str
) -> None:
    tally.count_wrong_secret(runtime, record)
    async with asyncio.timeout(30):  # half of the pause between two writes
        while counts(database_url)[1] != 1:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def test_what_could_not_be_written_is_written_later(
    tally: Tally, runtime: Runtime, record: Record, counted: Counted, database_url: str
) -> None:
    counted.away_for = 1
    for place in range(1_200):
        tally.count_unknown(runtime, record, f"chg_{place}", "{}")
    await asyncio.sleep(0.02)
    assert (counted.writes, counts(database_url)) == (1, (0, 0, 0))
    tally.count_unknown(runtime, record, "chg_last", "{}")
    await tally.finish()
    assert counts(database_url) == (1_201, 0, 1_000)


async def test_a_database_that_stays_away_holds_up_no_ending(
    tally: Tally, runtime: Runtime, record: Record, counted: Counted
) -> None:
    counted.away_for = 100
    tally.count_wrong_secret(runtime, record)
    async with asyncio.timeout(30):
        await tally.finish()
    assert counted.writes <= 2
