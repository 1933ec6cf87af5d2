"""SQLite where the disk, the file or the library is bad: never a false answer."""

import asyncio
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from payment_service.kit.clock import monotonic
from payment_service.kit.database import open_database, sqlite_path
from payment_service.kit.errors import CannotStart, Unavailable
from payment_service.kit.sqlite import SQLiteDatabase
from payment_service.kit.sqlite_connection import PRAGMAS, SAFE_VERSION, connect
from payment_service.kit.statements import Transaction, command, value
from tests.kit.acknowledging import AT_ONCE, ROUNDS
from tests.kit.parcels import ADD_ONE, Parcel, find, ids, send
from tests.strace import needs_strace

NO_MORE_PAGES = command(text("PRAGMA max_page_count = 1"))
PAGES_AGAIN = command(text("PRAGMA max_page_count = 1000000"))
ONLY_READS = command(text("PRAGMA query_only = ON"))
BIG = {"paper": "x" * 200_000}


def integrity(path: str) -> str:
    with closing(connect(path)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        return str(verdict)


@pytest.mark.parametrize("name", sorted(PRAGMAS))
async def test_reader_and_writer_have_every_pragma(sqlite_url: str, name: str) -> None:
    pragma = value(text(f"PRAGMA {name}"), object)
    database = open_database(sqlite_url)
    expected = PRAGMAS[name][1]
    waits_by_itself = name == "busy_timeout"
    assert await database.write(lambda tx: tx.one(pragma)) == (0 if waits_by_itself else expected)
    assert await database.read(lambda tx: tx.one(pragma)) == expected
    await database.close()


def test_the_log_is_synced_at_every_commit_and_foreign_keys_hold() -> None:
    settings = {name: answer for name, (_, answer) in PRAGMAS.items()}
    assert settings["journal_mode"] == "wal"
    assert settings["synchronous"] == 2  # FULL
    assert settings["foreign_keys"] == 1


def test_a_sqlite_that_can_lose_commits_is_refused_before_it_makes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    for version in [(3, 40, 1), (3, 51, 2)]:
        with pytest.raises(CannotStart, match=r"can lose commits; 3\.51\.3 or newer"):
            connect(str(path), version)
    assert not path.exists()
    connect(str(path), SAFE_VERSION).close()


def test_a_file_that_cannot_use_a_log_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a file of that name is made first
    with pytest.raises(CannotStart, match="refuses journal_mode=WAL"):
        connect(":memory:")


def damaged(tmp_path: Path, good: str) -> list[str]:
    """Paths at which no database can be opened."""
    junk = tmp_path / "junk.sqlite3"
    junk.write_bytes(b"this was never a database " * 400)
    broken = tmp_path / "broken.sqlite3"
    content = bytearray(Path(good).read_bytes())
    content[100:4000] = b"\xff" * 3900
    broken.write_bytes(content)
    folder = tmp_path / "folder.sqlite3"
    folder.mkdir()
    return [
        str(junk),
        str(broken),
        str(folder),
        str(junk / "below-a-file.sqlite3"),
        "/proc/no-such-folder/data.sqlite3",
    ]


def test_a_bad_file_or_folder_gives_one_clear_line(tmp_path: Path, sqlite_url: str) -> None:
    for path in damaged(tmp_path, sqlite_path(sqlite_url)):
        with pytest.raises(CannotStart) as caught:
            open_database(f"sqlite:///{path}")
        assert path in str(caught.value)
        assert "\n" not in str(caught.value)


async def test_a_damaged_page_ends_the_process_at_the_first_read_of_it(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    for number in range(40):
        await database.write(send, Parcel(number, contents={"paper": "x" * 3000}))
    await database.close()
    with Path(sqlite_path(sqlite_url)).open("r+b") as file:  # noqa: ASYNC230 - nothing waits
        for page in range(20):  # the last twenty, each with a row
            file.seek(-4096 * (page + 1), os.SEEK_END)
            file.write(b"\xff" * 64)

    failures: list[str] = []
    database = open_database(sqlite_url, on_fatal=failures.append)
    with pytest.raises(Exception, match="malformed"):
        await database.read(lambda tx: [find(tx, number) for number in range(40)])
    assert len(failures) == 1
    await database.close()


async def test_a_full_disk_is_said_and_loses_nothing(sqlite_url: str) -> None:
    failures: list[str] = []
    database = open_database(sqlite_url, on_fatal=failures.append)
    await database.write(send, Parcel(1, contents=BIG))
    await database.write(lambda tx: tx.run(NO_MORE_PAGES))
    for number in range(2, 5):
        with pytest.raises(Unavailable) as caught:
            await database.write(send, Parcel(number, contents=BIG))
        assert caught.value.code == "disk_full"
    assert await database.read(ids) == [1]
    await database.write(lambda tx: tx.run(PAGES_AGAIN))
    await database.write(send, Parcel(5, contents=BIG))
    assert await database.read(ids) == [1, 5]
    await database.close()
    assert failures == []
    assert integrity(sqlite_path(sqlite_url)) == "ok"


async def test_a_connection_that_may_only_read_ends_the_process(sqlite_url: str) -> None:
    """It would stay so when the disk can be written again; the next process opens it anew."""
    failures: list[str] = []
    database = open_database(sqlite_url, on_fatal=failures.append)
    await database.write(send, Parcel(1))
    await database.write(lambda tx: tx.run(ONLY_READS))
    with pytest.raises(Exception, match="readonly database"):
        await database.write(send, Parcel(2))
    await database.close()
    assert {failure.partition(":")[0] for failure in failures} == {"SQLITE_READONLY"}


async def test_a_command_that_holds_the_database_makes_it_busy_not_broken(sqlite_url: str) -> None:
    failures: list[str] = []
    database = SQLiteDatabase(sqlite_path(sqlite_url), failures.append, patience=0.05)
    with closing(connect(sqlite_path(sqlite_url))) as command_beside:
        command_beside.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as caught:
            await database.write(send, Parcel(1))
        assert caught.value.code == "database_busy"
        assert await database.read(ids) == []
        command_beside.execute("COMMIT")
    assert await database.write(send, Parcel(1)) == 1
    await database.close()
    assert failures == []


async def test_transactions_that_follow_closely_let_another_process_have_its_turn(
    sqlite_url: str,
) -> None:
    busy, beside = open_database(sqlite_url), open_database(sqlite_url)

    def long(tx: Transaction) -> None:
        until = monotonic() + 0.012
        while monotonic() < until:
            tx.run(ADD_ONE, this=0)

    async def never_stop() -> None:
        while True:
            await busy.write(long)

    await busy.write(send, Parcel(0))
    working = asyncio.create_task(never_stop())
    waited = 0.0
    for number in range(1, 21):
        await asyncio.sleep(0.05)
        begun = monotonic()
        await beside.write(send, Parcel(number))
        waited += monotonic() - begun
    assert waited / 20 < 0.5
    working.cancel()
    await busy.close()
    await beside.close()


async def test_what_fails_is_run_once_whoever_shares_its_commit(sqlite_url: str) -> None:
    tried: list[int] = []

    def fail(tx: Transaction, number: int) -> None:
        send(tx, Parcel(number))
        tried.append(number)
        raise ValueError(number)

    database = open_database(sqlite_url)
    for first in (0, 10, 20):
        good = [database.write(send, Parcel(first + place)) for place in (1, 2, 3, 6, 7)]
        asked = [*good[:3], database.write(fail, first + 5), *good[3:]]
        await asyncio.gather(*asked, return_exceptions=True)
    assert tried == [5, 15, 25]
    assert await database.read(ids) == [
        first + place for first in (0, 10, 20) for place in (1, 2, 3, 6, 7)
    ]
    await database.close()


async def test_a_unit_that_breaks_off_a_whole_batch_is_answered_truly(sqlite_url: str) -> None:
    def end_the_transaction(tx: Transaction) -> None:
        send(tx, Parcel(1))
        tx.run(command(text("ROLLBACK")))

    database = open_database(sqlite_url)
    with pytest.raises(Exception, match="no such savepoint"):
        await database.write(end_the_transaction)
    await database.write(send, Parcel(2))
    assert await database.read(ids) == [2]
    await database.close()


def run_under_strace(url: str, *inject: str) -> subprocess.CompletedProcess[str]:
    needs_strace("a failing disk")
    return subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", *inject,
         sys.executable, "-m", "tests.kit.acknowledging", url],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


# Counted in the writer's thread, where the second sync is of the folder and does not count: an
# early sync of the log, the next one, one amidst the work.
@pytest.mark.parametrize("when", [3, 4, 9])
async def test_a_failed_sync_ends_the_process_and_nothing_is_answered_after_it(
    sqlite_url: str, when: int
) -> None:
    done = run_under_strace(sqlite_url, "-e", f"inject=fsync,fdatasync:error=EIO:when={when}")
    assert done.returncode == 70, done.stderr
    assert "the database failed" in done.stderr
    assert "Traceback" not in done.stderr
    answered = {int(line) for line in done.stdout.split()}
    assert len(answered) < AT_ONCE * ROUNDS

    assert integrity(sqlite_path(sqlite_url)) == "ok"
    database = open_database(sqlite_url)
    stored = set(await database.read(ids))
    await database.close()
    assert answered <= stored
    # What was under way may be there or not; what came after it may not.
    assert len(stored) - len(answered) <= AT_ONCE


def test_a_folder_that_cannot_be_synced_prevents_the_start(sqlite_url: str) -> None:
    done = run_under_strace(sqlite_url, "-e", "inject=fsync,fdatasync:error=EIO:when=1")
    assert done.returncode != 0
    assert "cannot be synced: Input/output error" in done.stderr
    assert done.stdout == ""


async def test_a_sound_disk_answers_everything(sqlite_url: str) -> None:
    done = run_under_strace(sqlite_url)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == AT_ONCE * ROUNDS
