"""Statements: written once in SQLAlchemy Core, compiled once per dialect, run on the driver.

A statement is a module-level constant. What the caller gives is marked with `param`; constants
inside the statement are bound at compile time. Compiling once costs nothing at run time, where
`Connection.execute` costs some ten microseconds a statement.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from msgspec.structs import asdict
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Dialect,
    Integer,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.sql import Executable
from sqlalchemy.sql.visitors import cloned_traverse
from sqlalchemy.types import TypeEngine

R = TypeVar("R")
T = TypeVar("T")
Row = Sequence[Any]
Processor = Callable[[Any], Any]


class Record(msgspec.Struct, frozen=True):
    """A frozen row. Its fields stand in the order of its table's columns."""


class Statement(Generic[R]):
    """A statement and, when it gives rows, what each row becomes."""

    def __init__(self, core: Executable, make: Callable[..., R]) -> None:
        self.core = core
        self.make = make
        self._compiled: dict[str, Compiled[R]] = {}

    def compiled(self, dialect: Dialect) -> "Compiled[R]":
        try:
            return self._compiled[dialect.name]
        except KeyError:
            return self._compiled.setdefault(dialect.name, Compiled(self, dialect))


class Compiled(Generic[R]):
    """A statement's text for one dialect, and how values go in and out of it."""

    def __init__(self, statement: Statement[R], dialect: Dialect) -> None:
        compiled: Any = _spelled_out(statement.core).compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        self.sql = str(compiled)
        binds: dict[str, BindParameter[Any]] = compiled.binds
        names: Sequence[str] = compiled.positiontup or tuple(compiled.params)
        self.given = frozenset(n for n in names if n in binds and not binds[n].unique)
        self._positional = dialect.paramstyle == "qmark"
        self._names = names
        self._places: list[tuple[str | None, Processor | None, Any]] = []
        for name in names:
            convert = _processor(binds[name].type, dialect, "bind") if name in binds else None
            if name in self.given:
                self._places.append((name, convert, None))
            else:
                constant = compiled.params[name]
                self._places.append((None, None, convert(constant) if convert else constant))
        columns = getattr(statement.core, "exported_columns", ())
        converts = [_from_row(column, dialect) for column in columns]
        self._results = [(i, convert) for i, convert in enumerate(converts) if convert]
        self._make = statement.make

    def bind(self, params: dict[str, Any]) -> Any:
        """The values in the driver's shape; TypeError when one is missing or unknown."""
        if params.keys() != self.given:
            wrong = sorted(self.given ^ params.keys())
            raise TypeError(f"statement parameters do not fit: {wrong} in {self.sql}")
        if self._positional:
            return [
                (convert(params[name]) if convert else params[name]) if name else constant
                for name, convert, constant in self._places
            ]
        return {
            place: (convert(params[name]) if convert else params[name]) if name else constant
            for (name, convert, constant), place in zip(self._places, self._names, strict=True)
        }

    def build(self, row: Row) -> R:
        """The record of a row as the driver gave it."""
        if self._results:
            values = list(row)
            for index, convert in self._results:
                if values[index] is not None:
                    values[index] = convert(values[index])
            return self._make(*values)
        return self._make(*row)


def _spelled_out(core: Executable) -> Any:
    """The statement with its constants in its text.

    A partial index serves only where the planner sees that the condition holds: with the constant
    bound, `status = 'open'` was a scan of the whole table on SQLite, and is one in PostgreSQL's
    generic plans.
    """

    def spell_out(bind: BindParameter[Any]) -> None:
        if bind.unique and isinstance(bind.value, str | int | list | tuple):
            bind.literal_execute = True

    return cloned_traverse(core, {}, {"bindparam": spell_out})  # type: ignore[call-overload]


def _from_row(column: ColumnElement[Any], dialect: Dialect) -> Processor | None:
    if isinstance(column.type, Integer) and not isinstance(column, Column):
        return int  # PostgreSQL sums whole numbers up to a Decimal
    return _processor(column.type, dialect, "result")


def _processor(kind: TypeEngine[Any], dialect: Dialect, way: str) -> Processor | None:
    implementation = kind.dialect_impl(dialect)
    if way == "bind":
        return implementation.bind_processor(dialect)
    return implementation.result_processor(dialect, None)


class Transaction(Protocol):
    """What rules see of the database. On PostgreSQL a unit must not go on after an error in it."""

    def one(self, statement: Statement[R], /, **params: Any) -> R | None:
        """The first row, or None."""

    def all(self, statement: Statement[R], /, **params: Any) -> list[R]:
        """Every row, in the statement's order."""

    def run(self, statement: Statement[Any], /, **params: Any) -> int:
        """How many rows were written."""

    def run_all(self, statement: Statement[Any], rows: Sequence[dict[str, Any]], /) -> None:
        """Run it once for each set of parameters."""


def param(name: str, kind: Any = None) -> BindParameter[Any]:
    """A value that the caller gives. Its type comes from what it is compared with, or `kind`."""
    return bindparam(name, None, type_=kind, required=False)


def query(core: Executable, record: type[R]) -> Statement[R]:
    """A statement whose rows are whole records: its columns are the record's fields, in order."""
    fields = getattr(record, "__struct_fields__", None)
    names = tuple(column.name for column in core.exported_columns)  # type: ignore[attr-defined]
    if fields != names:
        raise TypeError(f"{record.__name__} has fields {fields}, the statement gives {names}")
    return Statement(core, record)


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


class _Store:
    def __init__(self, table: Table) -> None:
        self.table = table
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


def stored_in(table: Table) -> Callable[[RecordType], RecordType]:
    """Says which table a record is a row of, and checks that the two agree."""

    def register(record: RecordType) -> RecordType:
        names = tuple(column.name for column in table.c)
        if record.__struct_fields__ != names:
            raise TypeError(f"{record.__name__} {record.__struct_fields__} is not {names}")
        _stores[record] = _Store(table)
        return record

    return register


def rows_of(record: type[Record]) -> Any:
    """`select` of whole records."""
    return select(_stores[record].table)


def add(tx: Transaction, record: Record) -> None:
    """Insert a row."""
    tx.run(_stores[type(record)].insert, **asdict(record))


def add_all(tx: Transaction, records: Sequence[Record]) -> None:
    """Insert rows of one table."""
    if records:
        tx.run_all(_stores[type(records[0])].insert, [asdict(record) for record in records])


Stored = TypeVar("Stored", bound=Record)


def save(tx: Transaction, before: Stored, after: Stored) -> Stored:
    """Write the columns in which `after` differs, and give the record as it now stands.

    The table has a `version` column. Raises Moved when the row is no longer as `before` says:
    somebody wrote it in between.
    """
    old, new = asdict(before), asdict(after)
    names = [name for name, value in new.items() if value is not old[name] and value != old[name]]
    if not names:
        return before
    store = _stores[type(before)]
    version: int = old["version"]
    params = {"new_" + name: new[name] for name in names}
    params["new_version"] = version + 1
    for name in store.key:
        params["key_" + name] = old[name]
    if tx.run(store.update((*names, "version")), seen_version=version, **params) != 1:
        raise Moved(f"{store.table.name} {[old[name] for name in store.key]}")
    return msgspec.structs.replace(after, version=version + 1)
