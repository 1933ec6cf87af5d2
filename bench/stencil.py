"""Rows by the million: a record's row as the driver takes it, with a few of its values changed."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import Dialect, Table

from payment_service.kit import postgres, sqlite_connection, sqlite_transaction
from payment_service.kit.database import sqlite_path
from payment_service.kit.statements import Record, Transaction

T = TypeVar("T")
Row = list[Any]


class Stencil:
    """A row of one table, to be filled in again and again."""

    def __init__(self, table: Table, template: Record, dialect: Dialect) -> None:
        self._row: Row = []
        self._places = {column.name: place for place, column in enumerate(table.c)}
        for column in table.c:
            convert = column.type.dialect_impl(dialect).bind_processor(dialect)
            value = getattr(template, column.name)
            self._row.append(convert(value) if convert else value)

    def filled(self, **values: str) -> Row:
        """The row with these texts in it."""
        row = self._row.copy()
        for name, value in values.items():
            row[self._places[name]] = value
        return row


class Sink(Protocol):
    """Where the rows go, past the service: nothing here is measured."""

    dialect: Dialect

    def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run it in one transaction."""

    def insert(self, table: Table, rows: Iterable[Row]) -> None:
        """Inside of a unit."""

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """What this asks for, outside of a unit."""

    def close(self) -> None:
        """All is on the disk, and the planner knows how much there is."""


class SqliteSink:
    def __init__(self, url: str) -> None:
        self.dialect: Dialect = sqlite_transaction.DIALECT
        self._connection = sqlite_connection.connect(sqlite_path(url))
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
            self._connection.execute(f"PRAGMA {pragma}")

    def write(self, unit: Callable[[Transaction], T]) -> T:
        self._connection.execute("BEGIN IMMEDIATE")
        given = unit(sqlite_transaction.SQLiteTransaction(self._connection))
        self._connection.execute("COMMIT")
        return given

    def insert(self, table: Table, rows: Iterable[Row]) -> None:
        names = ", ".join(table.c.keys())
        marks = ", ".join("?" * len(table.c))
        sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
        self._connection.executemany(sql, rows)

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        yield from self._connection.execute(sql)

    def close(self) -> None:
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


class PostgresSink:
    def __init__(self, url: str) -> None:
        self.dialect: Dialect = postgres.DIALECT
        self._connection = psycopg.connect(url, autocommit=True)
        # Without the triggers that check foreign keys.
        self._connection.execute("SET session_replication_role = replica")

    def write(self, unit: Callable[[Transaction], T]) -> T:
        with self._connection.transaction():
            return unit(postgres.PostgresTransaction(self._connection))

    def insert(self, table: Table, rows: Iterable[Row]) -> None:
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.c)
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
        with self._connection.cursor().copy(copy) as into:
            for row in rows:
                into.write_row(row)

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        yield from self._connection.execute(sql.encode())

    def close(self) -> None:
        self._connection.execute("VACUUM ANALYZE")
        self._connection.execute("CHECKPOINT")
        self._connection.close()


def sink_of(url: str) -> Sink:
    return SqliteSink(url) if url.startswith("sqlite") else PostgresSink(url)
