"""Statements: written once in SQLAlchemy Core, compiled once per dialect, run on the driver.

A statement is a module-level constant. What the caller gives is marked with `param`; constants
inside the statement are bound at compile time. Compiling once costs nothing at run time, where
`Connection.execute` costs some ten microseconds a statement.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec
from msgspec.structs import asdict
from sqlalchemy import (
    BindParameter,
    Dialect,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.sql import Executable

from payment_service.kit.compiled import Compiled, R, Rows

T = TypeVar("T")


class Record(msgspec.Struct, frozen=True):
    """A frozen row. Its fields stand in the order of its table's columns."""


class Statement(Generic[R]):
    """A statement and, when it gives rows, what each row becomes."""

    def __init__(self, core: Executable, make: Callable[..., R]) -> None:
        self.core = core
        self.make = make
        self._compiled: dict[str, Compiled[R]] = {}

    def compiled(self, dialect: Dialect) -> Compiled[R]:
        try:
            return self._compiled[dialect.name]
        except KeyError:
            return self._compiled.setdefault(dialect.name, Compiled(self.core, self.make, dialect))


class Transaction(Protocol):
    """What rules see of the database. On PostgreSQL a unit must not go on after an error in it."""

    is_alone: bool
    """Whether nobody else writes until it ends, so that rows need not be locked."""
    noted: list["Noted"]
    """Each row of a noted kind that was written so far, in order."""

    def reserve(self, name: str, /) -> bool:
        """Whether no other transaction has this name; then it is ours until the end of this one."""

    def one(self, statement: Statement[R], /, **params: Any) -> R | None:
        """The first row, or None."""

    def all(self, statement: Statement[R], /, **params: Any) -> list[R]:
        """Every row, in the statement's order."""

    def run(self, statement: Statement[Any], /, **params: Any) -> int:
        """How many rows were written."""

    def run_all(self, statement: Statement[Any], rows: Rows, /) -> int:
        """Run it once for each set of parameters; how many rows were written."""


def param(name: str, kind: Any = None) -> BindParameter[Any]:
    """A value that the caller gives. Its type comes from what it is compared with, or `kind`."""
    return bindparam(name, None, type_=kind, required=False)


def query(core: Executable, record: type[R]) -> Statement[R]:
    """A statement whose rows are whole records: its columns are the record's fields, in order."""
    fields = getattr(record, "__struct_fields__", None)
    names = tuple(column.name for column in core.exported_columns)  # type: ignore[attr-defined]  # of selects
    if fields != names:
        raise TypeError(f"{record.__name__} has fields {fields}, the statement gives {names}")
    return Statement(core, record)


def side_by_side(core: Executable, *records: type[Any]) -> Statement[tuple[Any, ...]]:
    """A statement whose rows are whole records beside one another, each the columns of its table;
    None is one whose first column is null: an outer join found none."""
    ends = [0, *accumulate(len(record.__struct_fields__) for record in records)]

    def parted(*row: Any) -> tuple[Any, ...]:
        return tuple(
            record(*row[start:end]) if row[start] is not None else None
            for record, (start, end) in zip(records, pairwise(ends), strict=True)
        )

    return Statement(core, parted)


def value(core: Executable, kind: type[R]) -> Statement[R]:  # noqa: ARG001 - names the type
    """A statement with one column, whose rows are that column's values."""
    return Statement(core, _itself)


def command(core: Executable) -> Statement[None]:
    """A statement that gives no rows."""
    return Statement(core, _nothing)


def _itself(only: Any) -> Any:
    return only


def _nothing(*_: object) -> None:
    return None


def call(unit: Callable[..., T], tx: Transaction, args: Any, kwargs: Any) -> T:
    """What the unit gives. StopIteration, which no future can carry, becomes a RuntimeError:
    the caller, and on SQLite its neighbours, would wait for ever."""
    try:
        return unit(tx, *args, **kwargs)
    except StopIteration as error:
        raise RuntimeError("a unit let StopIteration out") from error


class Duplicate(Exception):
    """A unique key has this row already."""


class NoSuchTable(Exception):
    """The database has not been migrated, or not to this version."""


class Moved(Exception):
    """The row changed between reading and saving it."""


class Noted(NamedTuple):
    """A row that was written: as it was, None for a new one, and as it is."""

    before: Record | None
    after: Record


class _Store:
    def __init__(self, table: Table, is_noted: bool) -> None:
        self.table = table
        self.is_noted = is_noted
        self.key = tuple(column.name for column in table.primary_key.columns)
        self.insert = command(insert(table).values({c.name: param(c.name) for c in table.c}))
        self.updates: dict[tuple[str, ...], Statement[None]] = {}

    def update(self, changed: tuple[str, ...]) -> Statement[None]:
        statement = self.updates.get(changed)
        if statement is None:
            core = update(self.table).values({name: param("new_" + name) for name in changed})
            for name in self.key:
                core = core.where(self.table.c[name] == param("key_" + name))
            core = core.where(self.table.c.version == param("seen_version"))
            statement = self.updates.setdefault(changed, command(core))
        return statement


_stores: dict[type, _Store] = {}
RecordType = TypeVar("RecordType", bound=type[Record])


def stored_in(table: Table, *, is_noted: bool = False) -> Callable[[RecordType], RecordType]:
    """Says which table a record is a row of, and checks that the two agree.

    Of a noted kind the transaction remembers what was written, for whoever sums it up at its end.
    """

    def register(record: RecordType) -> RecordType:
        names = tuple(column.name for column in table.c)
        if record.__struct_fields__ != names:
            raise TypeError(f"{record.__name__} {record.__struct_fields__} is not {names}")
        _stores[record] = _Store(table, is_noted)
        return record

    return register


def rows_of(record: type[Record]) -> Any:
    """`select` of whole records."""
    return select(_stores[record].table)


def add(tx: Transaction, record: Record) -> None:
    """Insert a row."""
    store = _stores[type(record)]
    tx.run(store.insert, **asdict(record))
    if store.is_noted:
        tx.noted.append(Noted(None, record))


def add_all(tx: Transaction, records: Sequence[Record]) -> None:
    """Insert rows of one table."""
    if records:
        store = _stores[type(records[0])]
        tx.run_all(store.insert, records)
        if store.is_noted:
            tx.noted += [Noted(None, record) for record in records]


Stored = TypeVar("Stored", bound=Record)


def save(tx: Transaction, before: Stored, after: Stored) -> Stored:
    """Write the columns in which `after` differs, and give the record as it now stands.

    The table has a `version` column. Raises Moved when the row is no longer as `before` says:
    somebody wrote it in between.
    """
    names, params = _difference(before, after)
    if not names:
        return before
    store = _stores[type(before)]
    if tx.run(store.update((*names, "version")), **params) != 1:
        raise Moved(f"{store.table.name} {[getattr(before, name) for name in store.key]}")
    if store.is_noted:
        tx.noted.append(Noted(before, after))
    return msgspec.structs.replace(after, version=params["new_version"])


def save_all(tx: Transaction, pairs: Sequence[tuple[Stored, Stored]]) -> None:
    """`save` for many of one table, each before and after, with a statement for each set of
    columns. Raises Moved when one of them is no longer as it was."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for before, after in pairs:
        names, params = _difference(before, after)
        if names:
            alike.setdefault(names, []).append(params)
    for names, rows in alike.items():
        store = _stores[type(pairs[0][0])]
        if tx.run_all(store.update((*names, "version")), rows) != len(rows):
            raise Moved(f"some of {len(rows)} rows of {store.table.name}")
    if pairs and _stores[type(pairs[0][0])].is_noted:
        tx.noted += [Noted(before, after) for before, after in pairs]


def _difference(before: Record, after: Record) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The columns that differ, and what the update that writes them is given."""
    old, new = asdict(before), asdict(after)
    names = [name for name, value in new.items() if value is not old[name] and value != old[name]]
    version: int = old["version"]
    params = {"new_" + name: new[name] for name in names}
    params |= {"new_version": version + 1, "seen_version": version}
    for name in _stores[type(before)].key:
        params["key_" + name] = old[name]
    return tuple(names), params
