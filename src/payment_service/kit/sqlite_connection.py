"""A connection to SQLite: of a version that loses nothing, with every pragma set and read back."""

import os
from pathlib import Path
from typing import Any

from payment_service.kit.errors import CannotStart

try:
    from pysqlite3 import dbapi2 as driver
except ImportError:  # no wheel for this machine: the standard library's, if it is new enough
    import sqlite3 as driver

DRIVER: Any = driver
SAFE_VERSION = (3, 51, 3)
"""SQLite 3.7.0 to 3.51.2 can lose commits in WAL mode: a checkpoint races the commit that resets
the log."""

PRAGMAS: dict[str, tuple[str, object]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": ("5000", 5000),
    "trusted_schema": ("OFF", 0),
    # Not reached while the checkpointer keeps up.
    "wal_autocheckpoint": ("32000", 32000),
}


def connect(path: str, version: tuple[int, ...] = DRIVER.sqlite_version_info) -> Any:
    """A connection with every pragma set and read back. Raises CannotStart."""
    if version < SAFE_VERSION:
        raise CannotStart(
            f"SQLite {'.'.join(map(str, version))} can lose commits; 3.51.3 or newer is needed. "
            "Use PostgreSQL, or build one with `make sqlite`; docs/operations.md says how."
        )
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if not Path(path).exists():  # pay links and names are in it: nobody else may read it
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if not os.access(path, os.W_OK):  # SQLite may open it all the same, to be read
            raise CannotStart(f"the database {path} can only be read; make its disk writable")
        connection = DRIVER.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
    except OSError as error:
        raise CannotStart(f"the database {path} cannot be made: {error.strerror}") from error
    except DRIVER.Error as error:
        raise unusable(path, error) from error
    try:
        for name, (wanted, answer) in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={wanted}").fetchall()
            (found,) = connection.execute(f"PRAGMA {name}").fetchone()
            if found != answer:
                raise CannotStart(f"the database {path} refuses {name}={wanted} (it says {found})")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except CannotStart:
        connection.close()
        raise
    except DRIVER.Error as error:
        connection.close()
        raise unusable(path, error) from error
    return connection


def unusable(path: str, error: Exception) -> CannotStart:
    return CannotStart(
        f"the database {path} cannot be opened: {error}. Check that the path is right, "
        "writable and not damaged; put back a backup of the file if it is."
    )
