"""The database: durable transactions on one SQLite file or on PostgreSQL, behind a few verbs.

`await db.write(unit, *args)` runs the plain function `unit(tx, *args)` in one durable
transaction and gives its result after the commit. `await db.read(query, *args)` runs it on
committed data. Which database is below is known only here.
"""

import os
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Concatenate, NoReturn, ParamSpec, Protocol, TypeVar
from urllib.parse import urlsplit

from payment_service.kit.errors import CannotStart
from payment_service.kit.statements import Transaction

P = ParamSpec("P")
T = TypeVar("T")


class Examined(Protocol):
    """What can be looked at as a whole: a database, or a copy of one."""

    dialect: str

    def examine(
        self, query: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """Read as `read` does, for as long as it takes, beside all else: what looks at whole
        tables. Raises CannotStart when the file is damaged."""


class Database(Examined, Protocol):
    """What the rest of the service sees."""

    def write(
        self, unit: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """Run the unit in one durable transaction; its result comes after the commit.

        What the unit raises rolls back this unit alone and is raised here. A unit may run again,
        after a deadlock or since a neighbour failed: it must have no effect outside its
        transaction.
        """

    def write_between(
        self, unit: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """The same for a part of long work: where one thread writes for all, whoever waits to
        write goes first, and this unit commits alone."""

    def read(
        self, query: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """Run the query on a consistent view of what is committed."""

    def recall(
        self, query: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]:
        """`read`, for what is asked again and again: as long as nobody has committed anything, what
        came of it may be given once more. The query is a function of a module, by what is committed
        and its arguments alone, which are hashable; nobody changes what it gives."""

    async def close(self) -> None:
        """Finish what was asked and let go of the connections."""


def stop_the_process(reason: str) -> NoReturn:
    """End at once: after a failed sync nothing in memory can be trusted to be on disk.

    Whoever waits for an answer gets none, which is the truth: nobody knows.
    """
    sys.stderr.write(f"payment-service: stopped, the database failed: {reason}\n")
    sys.stderr.flush()
    os._exit(70)


def open_database(url: str, *, on_fatal: Callable[[str], None] = stop_the_process) -> Database:
    """Open `sqlite:///path` or `postgresql://user@host/name`. Raises CannotStart.

    Only the driver that is used is loaded: the other one is 7 MB and a tenth of the start.
    """
    scheme = urlsplit(url).scheme
    opened: Database
    if scheme == "sqlite":
        kind = import_module("payment_service.kit.sqlite").SQLiteDatabase
        opened = kind(sqlite_path(url), on_fatal)
        return opened
    if scheme in ("postgresql", "postgres"):
        kind = import_module("payment_service.kit.postgres").PostgresDatabase
        opened = kind(url, on_fatal)
        return opened
    raise CannotStart(
        "the database URL must begin with sqlite:///path or postgresql://user@host/name"
    )


def is_there(url: str) -> bool:
    """Whether opening it would make nothing."""
    return urlsplit(url).scheme != "sqlite" or os.path.exists(sqlite_path(url))


def no_database(url: str) -> CannotStart:
    """What is told where there is none."""
    return CannotStart(
        f"there is no database {sqlite_path(url)}; look at PAYMENT_SERVICE_DATABASE_URL"
    )


def sqlite_path(url: str) -> str:
    """The file of a `sqlite:///` URL: three slashes relative, four absolute."""
    path = url.removeprefix("sqlite:///")
    if path in ("", ":memory:", url):
        raise CannotStart("the SQLite URL must name a file: sqlite:///data/payment-service.sqlite3")
    return path
