"""A database in memory, without threads and syncs: for tests that take thousands of steps."""

from collections.abc import Callable
from typing import Any

from payment_service.kit.sqlite_connection import DRIVER, connect
from payment_service.kit.sqlite_errors import refused
from payment_service.kit.sqlite_transaction import SQLiteTransaction
from payment_service.kit.statements import call


class MemoryDatabase:
    """A copy of a migrated file. Each unit is a transaction, as it is on the real ones."""

    dialect = "sqlite"

    def __init__(self, template: str) -> None:
        self._connection = DRIVER.connect(":memory:", isolation_level=None)
        source = connect(template)
        source.backup(self._connection)
        source.close()
        self._connection.execute("PRAGMA foreign_keys=ON").fetchall()

    async def write(self, unit: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            result = call(unit, SQLiteTransaction(self._connection), args, kwargs)
        except DRIVER.Error as error:
            self._roll_back()
            raise refused(error) from error
        except BaseException:
            self._roll_back()
            raise
        self._connection.execute("COMMIT")
        return result

    write_between = write

    async def read(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return call(query, SQLiteTransaction(self._connection), args, kwargs)

    examine = recall = read

    async def close(self) -> None:
        self._connection.close()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
