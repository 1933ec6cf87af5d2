"""A backup is put back whole or not at all, after it was looked through; what stood there stays."""

import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from payment_service.kit.crypto import new_key
from payment_service.kit.database import open_database, sqlite_path
from payment_service.kit.errors import CannotStart
from payment_service.kit.sqlite_connection import DRIVER
from payment_service.migrations.upgrade import connected
from tests.actions.backups import Kept
from tests.databases import PROGRAMS


@pytest.fixture
def kept(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Backed up as `b` after `before`, and then came `after`."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    made = Kept(database_url, tmp_path, new_key())
    made.states("before")
    made.backs_up()
    made.states("after")
    return made


SCHEMA_OF_PUBLIC = """
SELECT nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname = 'public'
"""


def guards_of(url: str) -> list[str]:
    """What keeps rows as they are: triggers, as the database describes them."""
    described = {
        "sqlite": "SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid::regclass::text NOT LIKE '%.%' AND NOT tgisinternal ORDER BY 1",
    }
    with connected(url) as connection:
        found = list(connection.scalars(text(described[connection.dialect.name])))
    assert len(found) > 3
    return found


def is_as_it_was(kept: Kept) -> bool:
    return kept.knows("before") and kept.knows("after")


def test_what_came_after_is_gone_and_kept_aside(kept: Kept) -> None:
    with pytest.raises(CannotStart, match="--replace"):
        kept.restores(replace=False)
    assert is_as_it_was(kept)
    guards = guards_of(kept.url)
    aside = kept.restores()
    assert aside is not None
    assert kept.knows("before")
    assert not kept.knows("after")
    assert guards_of(kept.url) == guards
    if aside.startswith("schema "):
        with psycopg.connect(kept.url) as connection:
            connection.execute(f"SET search_path TO {aside.removeprefix('schema ')}")
            assert connection.execute("SELECT 1 FROM facts WHERE name = 'after'").fetchone()
    else:
        old = DRIVER.connect(aside)
        assert old.execute("SELECT 1 FROM facts WHERE name = 'after'").fetchone()
        old.close()


async def test_while_the_database_is_open_nothing_is_put_back(kept: Kept) -> None:
    database = open_database(kept.url)
    with pytest.raises(CannotStart, match="is in use"):
        kept.restores()
    await database.close()
    assert kept.restores() is not None


def test_a_key_that_is_not_the_backups_is_named_with_the_one_that_is(kept: Kept) -> None:
    other = kept._replace(key=new_key())
    with pytest.raises(CannotStart, match="does not belong to this backup"):
        other.restores()
    assert is_as_it_was(kept)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def something_else(path: Path) -> None:
    path.write_bytes(b"this is a letter to my landlord " * 400)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (cut_short, "is not sound"),
        (something_else, "is not sound"),
        (Path.unlink, "cannot be read"),
    ],
)
def test_a_file_that_is_no_whole_backup_changes_nothing(
    kept: Kept, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(kept.folder / "b")
    with pytest.raises(CannotStart, match=words):
        kept.restores()
    assert is_as_it_was(kept)


def test_a_backup_of_the_other_kind_of_database_is_named(kept: Kept) -> None:
    """It may be sound: nobody should throw it away for a wrong setting."""
    file = kept.folder / "b"
    begins = {"SQLite": b"SQLite format 3\0", "PostgreSQL": b"PGDMP"}
    (ours,) = [name for name, head in begins.items() if file.read_bytes().startswith(head)]
    (other,) = begins.keys() - {ours}
    file.write_bytes(begins[other] + bytes(4096))
    with pytest.raises(CannotStart, match=f"is a backup of {other}, and .* names {ours}"):
        kept.restores()
    assert is_as_it_was(kept)


@pytest.mark.parametrize("to", ["9999", "0001"])
def test_a_backup_of_a_newer_version_is_refused_and_of_an_older_one_is_not(
    sqlite_url: str, tmp_path: Path, to: str
) -> None:
    kept = Kept(sqlite_url, tmp_path, new_key())
    kept.states("before")
    connection = DRIVER.connect(sqlite_path(sqlite_url), isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = ?", [to])
    connection.close()
    kept.backs_up()
    if to == "0001":
        assert kept.restores() is not None
        return
    with pytest.raises(CannotStart, match="newer version"):
        kept.restores()


class File(Kept):
    """Of SQLite."""

    @property
    def path(self) -> Path:
        return Path(sqlite_path(self.url))


@pytest.fixture
def file(sqlite_url: str, tmp_path: Path) -> File:
    made = File(sqlite_url, tmp_path, new_key())
    made.states("before")
    made.backs_up()
    return made


def test_somebody_elses_connection_is_seen_too(file: File) -> None:
    other = DRIVER.connect(file.path)
    other.execute("SELECT count(*) FROM facts").fetchone()
    with pytest.raises(CannotStart, match="is in use"):
        file.restores()
    other.close()
    assert file.restores() is not None


def test_a_log_that_a_dead_process_left_goes_with_its_file(file: File) -> None:
    """Left where it was, it would be taken for the log of the file that was put back."""
    alive = DRIVER.connect(file.path, isolation_level=None)
    alive.execute("INSERT INTO facts VALUES ('in the log', 'is so')")
    dead = file.path.with_name("dead.sqlite3")
    for ending in ("", "-wal"):
        Path(f"{dead}{ending}").write_bytes(Path(f"{file.path}{ending}").read_bytes())
    alive.close()
    killed = file._replace(url=f"sqlite:///{dead}")
    aside = killed.restores()
    assert aside is not None
    assert not killed.knows("in the log")
    assert killed._replace(url=f"sqlite:///{aside}").knows("in the log")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_puts_back_belongs_to_whom_the_folder_belongs(file: File) -> None:
    os.chown(file.path.parent, 1234, 1234)
    file.restores()
    found = file.path.stat()
    assert (found.st_uid, found.st_gid) == (1234, 1234)


def test_a_damaged_file_gives_way_to_its_backup(file: File) -> None:
    something_else(file.path)
    aside = file.restores()
    assert aside is not None
    assert b"landlord" in Path(aside).read_bytes()
    assert file.knows("before")
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_who_could_look_at_the_database_still_can_on_postgresql(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a role that reads figures for monitoring; and what is not ours stays where it is."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    kept = Kept(postgres_url, tmp_path, new_key())
    kept.states("before")
    watcher = f"watcher_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {watcher}")
        connection.execute(f"CREATE ROLE {watcher}")
        connection.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        connection.execute(f"GRANT USAGE ON SCHEMA public TO {watcher}")
        connection.execute(f"GRANT SELECT ON facts TO {watcher}")
        connection.execute(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {watcher}"
        )
        connection.execute("CREATE TYPE weather AS ENUM ('rain', 'sun')")
        connection.execute("CREATE SEQUENCE tickets")
        connection.execute("CREATE VIEW sayings AS SELECT name FROM facts")
        kept.backs_up()
        before = connection.execute(SCHEMA_OF_PUBLIC).fetchone()
    kept.restores()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        assert connection.execute(SCHEMA_OF_PUBLIC).fetchone() == before
        connection.execute(f"SET ROLE {watcher}")
        assert connection.execute("SELECT name FROM facts").fetchall() != []
        connection.execute("RESET ROLE")
        connection.execute("CREATE TABLE later (id int)")
        connection.execute(f"SET ROLE {watcher}")
        assert connection.execute("SELECT id FROM later").fetchall() == []
        connection.execute("RESET ROLE")
        connection.execute(f"DROP OWNED BY {watcher}")
        connection.execute(f"DROP ROLE {watcher}")


def test_what_fails_at_the_end_has_changed_nothing_on_postgresql(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    kept = Kept(postgres_url, tmp_path, new_key())
    kept.states("before")
    kept.backs_up()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$"
            " BEGIN IF TG_TAG = 'CREATE INDEX' THEN RAISE 'no room'; END IF; END $$"
        )
        connection.execute(
            "CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION public.refuse()"
        )
    kept.states("after")
    with pytest.raises(CannotStart, match=r"nothing changed: .*no room"):
        kept.restores()
    assert is_as_it_was(kept)
