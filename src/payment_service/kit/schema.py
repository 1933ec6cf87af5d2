"""Column types that mean the same on SQLite and PostgreSQL, and the one list of tables.

SQLite keeps instants and dates as ISO text, which sorts as it should; PostgreSQL has its own
types for them. Text and whole numbers are the only other things stored.
"""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Dialect,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

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


class Instant(TypeDecorator[datetime]):
    """A UTC instant with microseconds."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text()
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone: {value}")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        # All instants have the same width, so that text order is time order.
        return value if dialect.name == "postgresql" else value.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]
        return datetime.fromisoformat(value)


class LocalDate(TypeDecorator[date]):
    """A date on the app's wall calendar."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Date() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        if isinstance(value, datetime):
            raise TypeError(f"an instant is not a date: {value}")
        if value is None or dialect.name == "postgresql":
            return value
        return value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]
        return date.fromisoformat(value)


class Flag(TypeDecorator[bool]):
    """Yes or no; 1 or 0 on SQLite."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean() if dialect.name == "postgresql" else Integer())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]
        return bool(value)


class Json(TypeDecorator[Any]):
    """A value of the given type, stored as JSON text: `Json(dict[str, Any])`."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._decode = msgspec.json.Decoder(kind).decode

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self._decode(value)


def table(name: str, *items: SchemaItem) -> Table:
    """A table of the service: STRICT on SQLite."""
    return Table(name, metadata, *items, sqlite_strict=True)


def one_of(column: str, values: tuple[str, ...], *, null: bool = False) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    allowed = f"{column} IN ({listed})" + (f" OR {column} IS NULL" if null else "")
    return CheckConstraint(allowed, name=column)
