"""Whole copies of a database: made beside a running service, put back where none runs."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import Table

from payment_service.kit.database import Examined, sqlite_path
from payment_service.kit.errors import CannotStart


class Copies(Protocol):
    """Of one database. Each verb may raise CannotStart, with what to do."""

    ending: str
    """Of the name of a copy."""

    def make(self, to: Path) -> None:
        """Fill the empty file with all that is committed at this moment."""

    def damage(self, copy: Path) -> list[str]:
        """What of it cannot be read, a line each; all of it is looked through."""

    def dangling(self, copy: Path) -> list[str]:
        """References in it that lead nowhere, a line each."""

    def rows(self, copy: Path, table: Table) -> list[tuple[Any, ...]]:
        """All rows of a small table of text in it; none where it has no such table."""

    def opened(self, copy: Path) -> Examined | None:
        """The copy, to be asked like a database; None where it cannot be."""

    def stands(self) -> bool:
        """Whether there is a database where a copy would be put back."""

    def refuse_if_used(self) -> None:
        """By a service, or by anybody else who is connected."""

    def put_back(self, copy: Path, aside: str) -> str | None:
        """Put the copy where the database is, all or nothing. Gives what the one that stood there
        is called now: it is kept, under a name that ends with `aside`."""


def copies_of(url: str) -> Copies:
    """By the same URLs as `open_database`."""
    opened: Copies
    if url.startswith("sqlite"):
        opened = import_module("payment_service.kit.sqlite_copies").SQLiteCopies(sqlite_path(url))
        return opened
    if urlsplit(url).scheme in ("postgresql", "postgres"):
        opened = import_module("payment_service.kit.postgres_copies").PostgresCopies(url)
        return opened
    raise CannotStart(
        "the database URL must begin with sqlite:///path or postgresql://user@host/name"
    )


def megabytes(size: int) -> str:
    return f"{max(1, round(size / 1e6)):,} MB"
