"""Column types that mean the same on SQLite and PostgreSQL, and the one list of tables.

SQLite keeps instants and dates as ISO text, which sorts as it should; PostgreSQL has its own
types for them. Text and whole numbers are the only other things stored.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    TEXT,
    TIMESTAMP,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

Processor = Callable[[Any], Any]

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Number = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit whole number; also every amount of rupiah."""


Word = Text().with_variant(TEXT(collation="C"), "postgresql")
"""Text whose beginnings are looked up: byte for byte in order, whatever the database's language."""


class Instant(TypeDecorator[datetime]):
    """A UTC instant with microseconds."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text()
        )

    def bind_processor(self, dialect: Dialect) -> Processor:
        return _utc if dialect.name == "postgresql" else _utc_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor | None:
        return None if dialect.name == "postgresql" else datetime.fromisoformat


class LocalDate(TypeDecorator[date]):
    """A date on the app's wall calendar."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Date() if dialect.name == "postgresql" else Text())

    def bind_processor(self, dialect: Dialect) -> Processor:
        return _date if dialect.name == "postgresql" else _date_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor | None:
        return None if dialect.name == "postgresql" else date.fromisoformat


class Flag(TypeDecorator[bool]):
    """Yes or no; 1 or 0 on SQLite."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean() if dialect.name == "postgresql" else Integer())

    def bind_processor(self, dialect: Dialect) -> None:
        return None  # SQLite's driver writes True as 1

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor | None:
        return None if dialect.name == "postgresql" else bool


class Json(TypeDecorator[Any]):
    """A value of the given type, stored as JSON text: `Json(dict[str, Any])`."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._decode = msgspec.json.Decoder(kind).decode

    def bind_processor(self, dialect: Dialect) -> Processor:
        return _json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor:
        return self._decode


# The processors are plain functions: a confirmation calls some forty of them, and each would
# otherwise go through two layers of wrappers. Rows never hand None to a result processor.


def _utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {value}")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


@lru_cache(maxsize=64)
def _utc_text(value: datetime | None) -> str | None:
    """All instants have the same width, so that text order is time order. A transaction writes its
    `now` some twenty times."""
    instant = _utc(value)
    return None if instant is None else instant.isoformat(timespec="microseconds")


def _date(value: date | None) -> date | None:
    if isinstance(value, datetime):
        raise TypeError(f"an instant is not a date: {value}")
    return value


@lru_cache(maxsize=64)
def _date_text(value: date | None) -> str | None:
    day = _date(value)
    return None if day is None else day.isoformat()


def _json_text(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def table(name: str, *items: SchemaItem, is_its_key: bool = False) -> Table:
    """A table of the service: STRICT on SQLite, and where most of a row is its key kept in the
    order of that alone."""
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=not is_its_key)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that fulfil the condition; what is not in it costs a write nothing."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def one_of(column: str, values: tuple[str, ...], *, null: bool = False) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    allowed = f"{column} IN ({listed})" + (f" OR {column} IS NULL" if null else "")
    return CheckConstraint(allowed, name=column)
