"""Copies of a SQLite file: `VACUUM INTO` beside a running service, an exchange of files without."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Table, select

from payment_service.kit import soundness
from payment_service.kit.copies import megabytes
from payment_service.kit.errors import CannotStart
from payment_service.kit.folder import folder_alone, in_use, sync_folder
from payment_service.kit.sqlite_connection import DRIVER, connect
from payment_service.kit.sqlite_errors import error_name
from payment_service.kit.sqlite_transaction import SQLiteTransaction
from payment_service.kit.statements import Statement, call

LOGS = ("-wal", "-shm", "-journal")


class SQLiteCopies:
    """A copy holds what was in the log, has none of its own, and no row that was deleted."""

    ending = ".sqlite3"

    def __init__(self, path: str) -> None:
        self._path = path

    def make(self, to: Path) -> None:
        if not self.stands():
            raise CannotStart(
                f"there is no database {self._path}; look at PAYMENT_SERVICE_DATABASE_URL"
            )
        with closing(connect(self._path)) as connection:
            _needs_room(connection, to.parent)
            try:
                connection.execute("VACUUM INTO ?", [str(to)])
            except DRIVER.Error as error:
                raise CannotStart(f"the database cannot be copied to {to}: {error}") from error

    def damage(self, copy: Path) -> list[str]:
        try:
            with _opened(copy) as tx:
                return soundness.damage(tx)
        except DRIVER.Error as error:
            return [str(error)]

    def dangling(self, copy: Path) -> list[str]:
        with _opened(copy) as tx:
            return soundness.dangling(tx)

    def rows(self, copy: Path, table: Table) -> list[tuple[Any, ...]]:
        try:
            with _opened(copy) as tx:
                return tx.all(Statement(select(table), lambda *row: row))
        except DRIVER.Error:
            return []

    def opened(self, copy: Path) -> "SQLiteCopy":
        return SQLiteCopy(copy)

    def stands(self) -> bool:
        path = Path(self._path)
        return path.exists() and path.stat().st_size > 0

    def refuse_if_used(self) -> None:
        with folder_alone(self._path):
            if self.stands():
                self._alone("PRAGMA locking_mode=EXCLUSIVE", "SELECT count(*) FROM sqlite_schema")

    def put_back(self, copy: Path, aside: str) -> str | None:
        path = Path(self._path)
        arriving = path.with_name(f"{path.name}.arriving")
        with folder_alone(self._path):
            try:
                _copy(copy, arriving)
                kept = self._set_aside(path.with_name(f"{path.name}.{aside}"))
                arriving.replace(path)
            except OSError as error:
                arriving.unlink(missing_ok=True)
                raise CannotStart(
                    f"{copy} cannot be put back as {path}: {error.strerror}"
                ) from error
            sync_folder(self._path)
        return kept

    def _set_aside(self, kept: Path) -> str | None:
        """A second name for the file that is to be replaced: at no moment is there none."""
        path = Path(self._path)
        if path.exists():  # brings its log into it
            self._alone("PRAGMA journal_mode=DELETE")
        # A log that is left here would be taken for the new file's.
        for log in LOGS:
            if (beside := path.with_name(path.name + log)).exists():
                beside.rename(kept.with_name(kept.name + log))
        if not path.exists():
            return None
        try:
            os.link(path, kept)
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links
            path.rename(kept)
        return str(kept)

    def _alone(self, *statements: str) -> None:
        """What only who has the file alone can do."""
        try:
            with closing(DRIVER.connect(self._path, isolation_level=None, timeout=0)) as connection:
                for statement in statements:
                    connection.execute(statement).fetchall()
        except DRIVER.Error as error:
            if error_name(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise in_use(self._path) from error
            # It is damaged, which is why a backup is put back.


class SQLiteCopy:
    """A copy that is asked as the database would be; nothing is written to it."""

    dialect = "sqlite"

    def __init__(self, copy: Path) -> None:
        self._copy = copy

    async def examine(self, query: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            with _opened(self._copy) as tx:
                return call(query, tx, args, kwargs)
        except DRIVER.Error as error:
            raise CannotStart(f"the backup {self._copy} cannot be read: {error}") from error


@contextmanager
def _opened(copy: Path) -> Iterator[SQLiteTransaction]:
    """Without lock and log: nobody writes to a copy, and its folder may be read-only."""
    address = f"file:{quote(str(copy.absolute()))}?mode=ro&immutable=1"
    with closing(DRIVER.connect(address, uri=True, isolation_level=None)) as connection:
        yield SQLiteTransaction(connection)


def _needs_room(connection: Any, folder: Path) -> None:
    """The disk that a copy fills may be the one that the service writes to."""
    wanted, free_inside, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    wanted, free = (wanted - free_inside) * page, shutil.disk_usage(folder).free
    if free < wanted:
        raise CannotStart(
            f"the copy takes {megabytes(wanted)} and {folder} has {megabytes(free)} free; make "
            "room, or name another disk"
        )


def _copy(copy: Path, arriving: Path) -> None:
    descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with copy.open("rb") as source, os.fdopen(descriptor, "wb") as written:
        shutil.copyfileobj(source, written, 1 << 20)
        written.flush()
        if os.geteuid() == 0:  # else the service's own user could not open what root put back
            folder = arriving.parent.stat()
            os.fchown(written.fileno(), folder.st_uid, folder.st_gid)
        os.fsync(written.fileno())
