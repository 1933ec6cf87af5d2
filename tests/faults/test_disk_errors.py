"""A disk that fails at each of its syncs, or is full from some write on: nothing is answered that
is not there, the process ends or says so, and the next start finds everything."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

import aiohttp
import pytest
from pydantic import SecretStr

from payment_service.config import Settings, open_runtime
from payment_service.kit.sqlite_connection import connect
from tests.cli.commands import NotStarted, Operator
from tests.counts import times
from tests.faults.shop import Shop, open_shop
from tests.invariants import check_invariants
from tests.seeds import SEED
from tests.service import KEY
from tests.strace import needs_strace

SYNCS, WRITES = "fsync,fdatasync", "pwrite64"
LOG, FILE = "payment-service.sqlite3-wal", "payment-service.sqlite3"
POINTS = [
    *((SYNCS, LOG, when) for when in range(1, times(45, 180, push=45))),
    *((SYNCS, FILE, when) for when in range(1, 3)),
    *((WRITES, LOG, when) for when in range(1, times(5, 20))),
]
"""Counted in each thread, of one file: the first that gets there fails. The log is synced by every
commit, the file by a checkpoint, which needs a thousand pages."""
TRIED = POINTS if times(0, 1, push=1) else Random(SEED).sample(POINTS, 3)
FULL_FROM = range(1, times(5, 201, push=51))
"""The writes to the log, after the look at the disk began, from which on there is no room."""
AT_ONCE = 8
MOST = 4_000
"""Subscriptions after which a point that was not reached is none."""


class Place(NamedTuple):
    """A folder with a database, and the shop in it."""

    folder: Path
    shop: Shop

    @property
    def database(self) -> Path:
        return self.folder / "data" / FILE

    def operator(self, *within: str) -> Operator:
        operator = Operator(
            self.folder,
            database_url=f"sqlite:///{self.database}",
            secret_key=KEY,
            least_free_mb="1",
        )
        operator.within = within
        return operator


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """To be copied."""
    folder = tmp_path_factory.mktemp("shop")

    async def opens() -> Shop:
        url = f"sqlite:///{folder}/data/{FILE}"
        runtime = await open_runtime(Settings(database_url=url, secret_key=SecretStr(KEY)))
        shop = await open_shop(runtime)
        await runtime.close()
        return shop

    return Place(folder, asyncio.run(opens()))


@pytest.fixture
def place(tmp_path: Path, first: Place) -> Place:
    shutil.copytree(first.folder / "data", tmp_path / "data")
    return Place(tmp_path, first.shop)


class Told(NamedTuple):
    """What the app heard: subscriptions that are there, and references that are not."""

    made: set[str]
    refused: set[str]


async def subscribes_until_it_fails(shop: Shop, origin: str, names: "count[int]") -> Told:
    """Or until a write is refused."""
    told = Told(set(), set())

    async def connection(http: aiohttp.ClientSession) -> None:
        while not told.refused and len(told.made) < MOST:
            name = f"tenant-{next(names)}"
            said = await shop.subscribes(http, origin, name)
            if said.status == 201:
                told.made.add(said.body["id"])
            else:
                assert (said.status, said.body["code"]) == (503, "disk_full")
                told.refused.add(name)

    async with aiohttp.ClientSession() as http:
        ended = await asyncio.gather(
            *(connection(http) for _ in range(AT_ONCE)), return_exceptions=True
        )
    for error in ended:
        if error is not None and not isinstance(error, aiohttp.ClientError):
            raise error
    return told


def holds(place: Place, told: Told) -> None:
    """All that was told, in a file that is sound."""
    with closing(connect(str(place.database))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        made = {row for (row,) in connection.execute("SELECT id FROM subscriptions")}
        customers = {row for (row,) in connection.execute("SELECT reference FROM customers")}
    assert told.made <= made
    assert not told.refused & customers
    check_invariants(f"sqlite:///{place.database}")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("calls", "file", "when"), TRIED)
async def test_a_disk_that_fails_ends_the_process_and_the_next_start_finds_what_was_answered(
    place: Place, calls: str, file: str, when: int
) -> None:
    needs_strace("a failing disk")
    failing = (
        "strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null",
        "-P", str(place.database.parent / file), "-e", f"trace={calls}",
        "-e", f"inject={calls}:error=EIO:when={when}",
    )  # fmt: skip
    told, code = Told(set(), set()), None
    try:
        with place.operator(*failing).serving() as served:
            told = await subscribes_until_it_fails(place.shop, served.origin, count())
            code = await asyncio.to_thread(served.process.wait, 20)
    except NotStarted as failure:
        code = failure.args[1]
    assert code == 70
    log = (place.folder / "serve.log").read_text()
    assert "stopped, the database failed: SQLITE_IOERR" in log or "a checkpoint failed" in log
    assert "Traceback" not in log
    holds(place, told)
    with place.operator().serving() as served:
        async with aiohttp.ClientSession() as http:
            assert (await place.shop.subscribes(http, served.origin, "again")).status == 201
        served.process.terminate()
        assert await asyncio.to_thread(served.process.wait, 20) == 0
    holds(place, told)


@asynccontextmanager
async def full_disk(process: int, log: Path, when: int) -> AsyncIterator[None]:
    """From that write to the log on there is no room, until the end."""
    tracing = await asyncio.create_subprocess_exec(
        "strace", "-f", "-o", "/dev/null", "-p", str(process), "-P", str(log),
        "-e", f"trace={WRITES}", "-e", f"inject={WRITES}:error=ENOSPC:when={when}+",
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert tracing.stderr is not None
    while b" attached" not in (said := await tracing.stderr.readline()):
        assert b"resolved" in said, said
    try:
        yield
    finally:
        tracing.terminate()
        await tracing.communicate()


@pytest.mark.timeout(900)
async def test_a_disk_that_is_full_from_some_write_on_is_said_and_loses_nothing(
    place: Place,
) -> None:
    needs_strace("a full disk")
    made: set[str] = set()
    refused: set[str] = set()
    names = count()
    with place.operator().serving() as served:
        process = served.process
        log = Path(f"{place.database}-wal")
        for when in FULL_FROM:
            async with full_disk(process.pid, log, when):
                told = await subscribes_until_it_fails(place.shop, served.origin, names)
            made |= told.made
            refused |= told.refused
            assert told.refused, f"full from write {when}"
            async with aiohttp.ClientSession() as http:
                after = await place.shop.subscribes(http, served.origin, f"after-{when}")
            assert after.status == 201, f"full from write {when}: {after}"
            made.add(after.body["id"])
        process.terminate()
        assert await asyncio.to_thread(process.wait, 20) == 0
    holds(place, Told(made, refused))
