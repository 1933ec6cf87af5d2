"""The verbs of a transaction on a connection to SQLite."""

from typing import Any

from sqlalchemy.dialects import sqlite

from payment_service.kit.compiled import R, Rows
from payment_service.kit.statements import Noted, Statement

DIALECT = sqlite.dialect(paramstyle="qmark")


class SQLiteTransaction:
    """No other can write until it ends."""

    is_alone = True
    __slots__ = ("_connection", "noted")

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.noted: list[Noted] = []

    def reserve(self, _: str, /) -> bool:
        return True

    def one(self, statement: Statement[R], /, **params: Any) -> R | None:
        compiled = statement.compiled(DIALECT)
        row = self._connection.execute(compiled.sql, compiled.bind(params)).fetchone()
        return None if row is None else compiled.build(row)

    def all(self, statement: Statement[R], /, **params: Any) -> list[R]:
        compiled = statement.compiled(DIALECT)
        rows = self._connection.execute(compiled.sql, compiled.bind(params)).fetchall()
        return [compiled.build(row) for row in rows]

    def run(self, statement: Statement[Any], /, **params: Any) -> int:
        compiled = statement.compiled(DIALECT)
        return int(self._connection.execute(compiled.sql, compiled.bind(params)).rowcount)

    def run_all(self, statement: Statement[Any], rows: Rows, /) -> int:
        compiled = statement.compiled(DIALECT)
        return int(self._connection.executemany(compiled.sql, compiled.bind_all(rows)).rowcount)
