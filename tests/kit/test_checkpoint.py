"""The log goes into the file beside the commits, and is begun anew though nobody stops writing."""

import asyncio
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from payment_service.kit.checkpoint import AT_PAGES, LONG_PAGES, Checkpointer
from payment_service.kit.database import open_database, sqlite_path
from payment_service.kit.sqlite_connection import connect
from tests.kit.parcels import Parcel, find, ids, send

PAGES = 50
BIG = {"paper": "x" * PAGES * 4096}


def parcel(number: int) -> Parcel:
    return Parcel(number, contents=BIG)


def log_of(url: str) -> tuple[int, int]:
    """Pages in the log, and how many of them are in the file."""
    with closing(connect(sqlite_path(url))) as connection:
        _, pages, done = connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
        return int(pages), int(done)


def has_log(url: str) -> bool:
    return Path(f"{sqlite_path(url)}-wal").exists()


async def test_what_is_in_the_log_comes_into_the_file_when_nobody_commits(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    for number in range(AT_PAGES // PAGES + 1):
        await database.write(send, parcel(number))
    for _ in range(500):
        if log_of(sqlite_url)[1] >= AT_PAGES:
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("nothing came into the file")
    await database.close()


async def test_a_log_is_begun_anew_while_others_never_stop_writing(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    longest, lasts, begun_anew = 0, 0, 0

    async def write(numbers: range) -> None:
        for number in numbers:
            await database.write(send, parcel(number))

    async def look() -> None:
        nonlocal longest, lasts, begun_anew
        while True:
            pages, _ = log_of(sqlite_url)
            begun_anew += pages < lasts
            longest, lasts = max(longest, pages), pages
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    await asyncio.gather(write(range(0, 400)), write(range(400, 800)))
    looking.cancel()
    assert begun_anew >= 1
    assert longest < 800 * PAGES
    assert len(await database.read(ids)) == 800
    await database.close()


async def test_what_was_committed_is_there_after_a_close_in_the_middle_of_it(
    sqlite_url: str,
) -> None:
    database = open_database(sqlite_url)
    for number in range(LONG_PAGES // PAGES):
        await database.write(send, parcel(number))
    await database.close()
    assert not has_log(sqlite_url)
    again = open_database(sqlite_url)
    last = await again.read(lambda tx: find(tx, number))
    assert last.contents == BIG
    await again.close()


def test_a_checkpoint_that_fails_is_told(sqlite_url: str) -> None:
    told: SimpleQueue[Exception] = SimpleQueue()
    gone: Any = connect(sqlite_path(sqlite_url))
    gone.close()
    checkpointer = Checkpointer(gone, told.put)
    with closing(connect(sqlite_path(sqlite_url))) as writer:
        checkpointer.committed(writer)
        assert "closed database" in str(told.get(timeout=10))
        checkpointer.close()
