"""A table with one column of every type, and records of it, for tests of the database."""

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import CheckConstraint, Column, MetaData, Table, Text

from payment_service.kit.schema import Flag, Instant, Json, LocalDate, Number
from payment_service.kit.statements import (
    Record,
    Transaction,
    add,
    command,
    param,
    query,
    rows_of,
    stored_in,
    value,
)

# Apart from the service's own tables, which other tests look at.
tables = MetaData()
parcels = Table(
    "parcel",
    tables,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("label", Text, unique=True),
    Column("weight", Number, nullable=False),
    Column("sealed", Flag, nullable=False),
    Column("sent_at", Instant),
    Column("due_on", LocalDate),
    Column("contents", Json(dict[str, Any]), nullable=False),
    Column("version", Number, nullable=False),
    CheckConstraint("weight >= 0"),
    sqlite_strict=True,
)


@stored_in(parcels)
class Parcel(Record, frozen=True):
    """A row of `parcel`."""

    id: int
    label: str | None = None
    weight: int = 1
    sealed: bool = False
    sent_at: datetime | None = None
    due_on: date | None = None
    contents: dict[str, Any] = msgspec.field(default_factory=dict)
    version: int = 1


BY_ID = query(rows_of(Parcel).where(parcels.c.id == param("id")), Parcel)
ALL_IDS = value(rows_of(Parcel).with_only_columns(parcels.c.id).order_by(parcels.c.id), int)
WEIGH = command(
    parcels.update().where(parcels.c.id == param("this")).values(weight=param("new_weight"))
)

ADD_ONE = command(
    parcels.update().where(parcels.c.id == param("this")).values(weight=parcels.c.weight + 1)
)


def send(tx: Transaction, parcel: Parcel) -> int:
    """Store a parcel and tell its id."""
    add(tx, parcel)
    return parcel.id


def find(tx: Transaction, number: int) -> Parcel:
    found = tx.one(BY_ID, id=number)
    assert found is not None
    return found


def ids(tx: Transaction) -> list[int]:
    return tx.all(ALL_IDS)
