"""PostgreSQL: each unit is its own transaction, on a pool of connections and threads."""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import psycopg
from psycopg import errors
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from payment_service.kit.clock import monotonic
from payment_service.kit.compiled import R, Rows
from payment_service.kit.errors import Unavailable
from payment_service.kit.postgres_connections import Connections, unreachable
from payment_service.kit.statements import (
    Duplicate,
    Moved,
    NoSuchTable,
    Noted,
    Statement,
    call,
    command,
    param,
    value,
)
from payment_service.kit.write_metrics import WAITING, WRITE_SECONDS, counted

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # the library has no types here
TRIES = 4
RETRIED = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    Moved,
)
_number = func.hashtextextended(param("name"), 0)
RESERVE = value(select(func.pg_try_advisory_xact_lock(_number)), bool)
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
NO_LIMIT = command(text("SET LOCAL statement_timeout = 0"))


class PostgresTransaction:
    """The verbs of a transaction on one connection."""

    is_alone = False
    __slots__ = ("_cursor", "noted")

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = connection.cursor()
        self.noted: list[Noted] = []

    def reserve(self, name: str, /) -> bool:
        return self.one(RESERVE, name=name) is True

    def one(self, statement: Statement[R], /, **params: Any) -> R | None:
        compiled = statement.compiled(DIALECT)
        row = self._cursor.execute(compiled.sql, compiled.bind(params)).fetchone()
        return None if row is None else compiled.build(row)

    def all(self, statement: Statement[R], /, **params: Any) -> list[R]:
        compiled = statement.compiled(DIALECT)
        rows = self._cursor.execute(compiled.sql, compiled.bind(params)).fetchall()
        return [compiled.build(row) for row in rows]

    def run(self, statement: Statement[Any], /, **params: Any) -> int:
        compiled = statement.compiled(DIALECT)
        return self._cursor.execute(compiled.sql, compiled.bind(params)).rowcount

    def run_all(self, statement: Statement[Any], rows: Rows, /) -> int:
        compiled = statement.compiled(DIALECT)
        self._cursor.executemany(compiled.sql, compiled.bind_all(rows))
        return self._cursor.rowcount


class PostgresDatabase:
    """A pool of connections, each used by one thread at a time."""

    dialect = "postgresql"

    def __init__(
        self,
        url: str,
        on_fatal: Callable[[str], None],
        *,
        connections: int = 8,
        patience: float = 10,
    ) -> None:
        """Raises CannotStart when the server has not answered after `patience` seconds."""
        self._on_fatal = on_fatal
        self._closed = False
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="postgres")
        self._connections = Connections(url, connections, patience)

    async def write(self, unit: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self._in_thread(self._write, unit, args, kwargs)

    write_between = write

    async def read(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self._in_thread(self._read, query, args, kwargs)

    recall = read

    async def examine(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return await self._in_thread(self._read, _without_limit, (query, args, kwargs), {})

    async def _in_thread(self, run: Callable[..., Any], *args: Any) -> Any:
        if self._closed:
            raise Unavailable("shutting_down", "The service is stopping; ask again in a moment.")
        if self._connections.is_away:
            raise unreachable()
        loop, context = asyncio.get_running_loop(), copy_context()
        WAITING.move(1)
        return await loop.run_in_executor(self._threads, context.run, _begun, run, *args)

    async def close(self) -> None:
        self._closed = True
        self._connections.wait_no_more()
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._connections.close)

    def _read(self, query: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        try:
            with self._connections.begun(BEGIN_READING) as connection:
                result = call(query, PostgresTransaction(connection), args, kwargs)
                connection.execute("COMMIT")
                return result
        except errors.UndefinedTable as error:
            raise NoSuchTable(str(error)) from error
        except psycopg.OperationalError as error:
            raise unreachable() from error

    def _write(self, unit: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        for attempt in range(TRIES):
            try:
                began = monotonic()
                with self._connections.begun("BEGIN") as connection:
                    result = call(unit, PostgresTransaction(connection), args, kwargs)
                    self._commit(connection)
                    WRITE_SECONDS.observe(monotonic() - began)
                    return result
            except RETRIED as error:
                if attempt == TRIES - 1:
                    if isinstance(error, Moved):  # what it saw is older than the unit itself
                        raise
                    raise counted(
                        Unavailable("database_busy", "Others hold what this needs; ask again.")
                    ) from error
                time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311 - only jitter
            except errors.UniqueViolation as error:
                raise Duplicate(str(error)) from error
            except errors.DiskFull as error:
                raise counted(
                    Unavailable("disk_full", "The database's disk is full; nothing was changed.")
                ) from error
            except errors.ReadOnlySqlTransaction as error:  # a standby, or an admin's setting
                raise counted(
                    Unavailable(
                        "database_read_only", "The database can only be read; nothing was changed."
                    )
                ) from error
            except psycopg.OperationalError as error:
                raise unreachable() from error
        raise AssertionError("unreachable")

    def _commit(self, connection: psycopg.Connection[Any]) -> None:
        try:
            done = connection.execute("COMMIT").statusmessage
        except RETRIED:
            raise
        except psycopg.OperationalError as error:
            # The server may or may not have committed: nobody can answer the caller truly.
            self._on_fatal(f"a commit of unknown outcome: {error}")
            raise
        if done != "COMMIT":
            # PostgreSQL turns the commit of a failed transaction into a rollback, without a word.
            raise RuntimeError("a unit went on after an error in it; nothing was stored")


def _without_limit(
    tx: PostgresTransaction, query: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    tx.run(NO_LIMIT)
    return query(tx, *args, **kwargs)


def _begun(run: Callable[..., Any], *args: Any) -> Any:
    WAITING.move(-1)
    return run(*args)
