"""A backup: a checked copy for its owner alone, under a name that was free; and which ones go."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from payment_service.actions.back_up import back_up, remove_old
from payment_service.kit.crypto import new_key
from payment_service.kit.database import sqlite_path
from payment_service.kit.errors import CannotStart
from payment_service.kit.sqlite_connection import DRIVER
from payment_service.model.backup import Backup
from tests.actions.backups import NOW, Kept
from tests.databases import PROGRAMS, PostgresServer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


@pytest.fixture
def file(sqlite_url: str, folder: Path) -> Kept:
    """A SQLite file."""
    made = Kept(sqlite_url, folder, new_key())
    made.states("something")
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def changed(path: str, statement: str) -> None:
    connection = DRIVER.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_a_copy_is_whole_and_for_its_owner_alone(file: Kept) -> None:
    """What is still in the log of a database that is open is in it, and it has no log itself."""
    busy = DRIVER.connect(sqlite_path(file.url))
    busy.execute("SELECT count(*) FROM facts").fetchone()
    file.states("another thing")
    made = file.backs_up()
    busy.close()
    copy = file.folder / "b"
    assert (made.file, made.bytes, made.flaws) == (str(copy), copy.stat().st_size, ())
    assert copy.stat().st_mode & 0o777 == 0o600
    assert names(file.folder) == ["b"]
    connection = DRIVER.connect(copy)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert ("another thing",) in connection.execute("SELECT name FROM facts").fetchall()
    connection.close()


def test_a_backup_is_never_written_over_anything(file: Kept) -> None:
    (file.folder / "b").write_bytes(b"a picture")
    with pytest.raises(CannotStart, match="is there already"):
        file.backs_up()
    assert (file.folder / "b").read_bytes() == b"a picture"
    assert names(file.folder) == ["b"]


def test_what_one_that_was_killed_has_left_is_begun_anew(file: Kept) -> None:
    half = file.folder / "payment-service.part"
    half.write_bytes(b"half" * 4096)
    made = file.backs_up("")
    assert made.file == str(file.folder / "payment-service-2026-11-29T193000Z.sqlite3")
    assert names(file.folder) == ["payment-service-2026-11-29T193000Z.sqlite3"]


def test_two_at_once_do_not_write_into_one_another(file: Kept) -> None:
    with (file.folder / "payment-service.part").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CannotStart, match="another process is writing"):
            file.backs_up("")


def test_a_reference_that_leads_nowhere_is_told_and_copied(file: Kept) -> None:
    """It stood in the database already: no copy at all would be worse."""
    changed(sqlite_path(file.url), "INSERT INTO event_counters VALUES ('app_gone', 0)")
    assert file.backs_up().flaws == (
        "row 1 of event_counters names a row of apps that is not there",
    )
    assert names(file.folder) == ["b"]


def test_a_damaged_database_leaves_no_backup(file: Kept) -> None:
    changed(sqlite_path(file.url), "PRAGMA wal_checkpoint(TRUNCATE)")
    with open(sqlite_path(file.url), "r+b") as damaged:
        damaged.seek(8 * 4096)
        damaged.write(b"\x5a" * 20 * 4096)
    with pytest.raises(CannotStart):
        file.backs_up()
    assert names(file.folder) == []


def test_where_no_database_is_none_is_made(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(CannotStart, match="there is no database"):
        Kept(f"sqlite:///{tmp_path}/none.sqlite3", folder, new_key()).backs_up()
    assert names(tmp_path) == ["backups"]


def test_another_database_is_not_taken_for_ours(tmp_path: Path, folder: Path) -> None:
    changed(str(tmp_path / "other.sqlite3"), "CREATE TABLE holidays (day TEXT)")
    other = Kept(f"sqlite:///{tmp_path}/other.sqlite3", folder, new_key())
    with pytest.raises(CannotStart, match="is no backup of Payment Service"):
        other.backs_up()
    assert names(folder) == []


def test_a_backup_does_not_migrate_what_it_copies(file: Kept) -> None:
    changed(sqlite_path(file.url), "UPDATE alembic_version SET version_num = '0001'")
    assert file.backs_up().schema == "0001"


def test_what_is_not_kept_goes_and_nothing_that_is_called_otherwise(folder: Path) -> None:
    days = [f"2026-11-{day:02}" for day in range(10, 30)]
    ours = [f"payment-service-{day}T193000Z.sqlite3" for day in days]
    others = ["payment-service-2026-11-11T193000Z.dump", "notes.txt", f"{ours[0]}-keep"]
    for name in (*ours, *others):
        (folder / name).touch()
    gone = remove_old(folder, ".sqlite3")
    assert set(names(folder)) == {*ours, *others} - {*gone}
    assert [name[16:26] for name in ours if name not in gone] == [
        "2026-11-15", "2026-11-22", *days[-7:],
    ]  # fmt: skip


def test_flawed_ones_go_by_the_same_numbers_and_no_sound_one_goes_for_them(folder: Path) -> None:
    days = [f"2026-11-{day:02}" for day in range(10, 30)]
    sound = [
        "payment-service-2026-11-29T100000Z.sqlite3",
        "payment-service-2026-11-29T110000Z.sqlite3",
    ]
    for name in (*sound, *(f"payment-service-{day}T193000Z-flawed.sqlite3" for day in days)):
        (folder / name).touch()
    gone = remove_old(folder, ".sqlite3", flawed=True)
    assert [name[16:26] for name in gone] == [*days[:5], *days[6:12]]
    assert set(names(folder)) > {*sound}
    assert remove_old(folder, ".sqlite3") == (sound[0],)


def test_what_is_found_in_a_copy_is_in_its_name_from_the_first_moment(file: Kept) -> None:
    """Whoever is killed while he looks leaves nothing that passes for a sound one."""
    copy = file.folder / "payment-service-2026-11-29T193000Z-flawed.sqlite3"

    def finds(made: Backup) -> tuple[str, ...]:
        assert names(file.folder) == [Path(made.file).name] == ["payment-service.part"]
        return ("a flaw",)

    made = back_up(file.copies, file.folder, NOW, finds)
    assert (made.file, made.flaws) == (str(copy), ("a flaw",))
    assert names(file.folder) == [copy.name]


def test_a_database_of_postgresql_without_tables_is_no_backup(
    postgres: PostgresServer, folder: Path
) -> None:
    with postgres.copies() as copy, pytest.raises(CannotStart, match="payment-service migrate"):
        Kept(copy("", ""), folder, new_key()).backs_up()
    assert names(folder) == []


def test_what_pg_dump_says_against_it_is_told(
    postgres_url: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older one does not read a newer server; and no password is in its arguments."""
    old = tmp_path / "bin" / "pg_dump"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\necho "pg_dump: error: too old $PGPASSWORD $*" >&2\nexit 1\n')
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:{PROGRAMS}:{os.environ['PATH']}")
    assert shutil.which("pg_dump") == str(old)
    url = f"{postgres_url}&password=rahasia"
    with pytest.raises(
        CannotStart, match="pg_dump failed: pg_dump: error: too old rahasia"
    ) as said:
        Kept(url, folder, new_key()).backs_up()
    assert str(said.value).count("rahasia") == 1
    assert names(folder) == []
