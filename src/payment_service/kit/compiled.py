"""A statement compiled for one dialect: its text, and how values go in and rows come out."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import astuple
from sqlalchemy import BindParameter, Column, ColumnElement, Dialect, Integer
from sqlalchemy.sql import Executable
from sqlalchemy.sql.visitors import cloned_traverse
from sqlalchemy.types import TypeEngine

R = TypeVar("R")
Row = Sequence[Any]
Rows = Sequence[dict[str, Any]] | Sequence[msgspec.Struct]
"""What a statement is run with many times: parameters, or records that have them as fields."""
Processor = Callable[[Any], Any]


class Compiled(Generic[R]):
    """A statement's text for one dialect, and how values go in and out of it."""

    def __init__(self, core: Executable, make: Callable[..., R], dialect: Dialect) -> None:
        compiled: Any = _spelled_out(core).compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        self.sql = str(compiled)
        binds: dict[str, BindParameter[Any]] = compiled.binds
        names: Sequence[str] = compiled.positiontup or tuple(compiled.params)
        converts = {
            name: convert
            for name in names
            if name in binds and (convert := _processor(binds[name].type, dialect, "bind"))
        }
        self.given = frozenset(n for n in names if n in binds and not binds[n].unique)
        self._constants = {
            name: converts[name](constant) if name in converts else constant
            for name, constant in compiled.params.items()
            if name in names and name not in self.given
        }
        self._names = names
        self._converts = {name: one for name, one in converts.items() if name in self.given}
        self._positional = dialect.paramstyle == "qmark"
        self._pick = _picker(names)
        self._places = [
            (place, self._converts[name])
            for place, name in enumerate(names)
            if name in self._converts
        ]
        columns = getattr(core, "exported_columns", ())
        results = [_from_row(column, dialect) for column in columns]
        self._results = [(place, convert) for place, convert in enumerate(results) if convert]
        self._make = make

    def bind(self, params: dict[str, Any]) -> Any:
        """The values in the driver's shape; TypeError when one is missing or unknown."""
        if len(params) != len(self.given) or not self.given.issuperset(params):
            wrong = sorted(self.given ^ params.keys())
            raise TypeError(f"statement parameters do not fit: {wrong} in {self.sql}")
        known = params | self._constants if self._constants else params
        if self._positional:
            values = list(self._pick(known))
            for place, convert in self._places:
                values[place] = convert(values[place])
            return values
        return known | {name: convert(params[name]) for name, convert in self._converts.items()}

    def bind_all(self, rows: Rows) -> list[Any]:
        """The same for many. Of records, whose fields are the parameters, column by column."""
        first = rows[0] if rows else {}
        if isinstance(first, dict):
            return [self.bind(params) for params in rows]  # type: ignore[arg-type]  # all dicts
        columns = zip(*[astuple(row) for row in rows], strict=True)  # type: ignore[arg-type]  # all records
        fields = dict(zip(first.__struct_fields__, columns, strict=True))
        bound = [
            _converted(fields[name], self._converts[name])
            if name in self._converts
            else fields[name]
            for name in self._names
        ]
        values = zip(*bound, strict=True)
        if self._positional:
            return list(values)
        return [dict(zip(self._names, row, strict=True)) for row in values]

    def build(self, row: Row) -> R:
        """The record of a row as the driver gave it."""
        if self._results:
            values = list(row)
            for index, convert in self._results:
                if values[index] is not None:
                    values[index] = convert(values[index])
            return self._make(*values)
        return self._make(*row)


def _picker(names: Sequence[str]) -> Callable[[dict[str, Any]], Sequence[Any]]:
    """What takes the values of these names out of a dict, in this order; a statement has dozens,
    so that one call of C instead of a loop saves a tenth of a confirmation's Python."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def _converted(values: Sequence[Any], convert: Processor) -> list[Any]:
    """Rows that are written at once have much in common: what is the same is converted once."""
    converted, last, given = [], None, convert(None)
    for one in values:
        if one is not last:
            last, given = one, convert(one)
        converted.append(given)
    return converted


def _spelled_out(core: Executable) -> Any:
    """The statement with its constants in its text.

    A partial index serves only where the planner sees that the condition holds: with the constant
    bound, `status = 'open'` was a scan of the whole table on SQLite, and is one in PostgreSQL's
    generic plans.
    """

    def spell_out(bind: BindParameter[Any]) -> None:
        if bind.unique and isinstance(bind.value, str | int | list | tuple):
            bind.literal_execute = True

    return cloned_traverse(core, {}, {"bindparam": spell_out})  # type: ignore[call-overload]  # stub: few kinds


def _from_row(column: ColumnElement[Any], dialect: Dialect) -> Processor | None:
    if isinstance(column.type, Integer) and not isinstance(column, Column):
        return int  # PostgreSQL sums whole numbers up to a Decimal
    return _processor(column.type, dialect, "result")


def _processor(kind: TypeEngine[Any], dialect: Dialect, way: str) -> Processor | None:
    implementation = kind.dialect_impl(dialect)
    if way == "bind":
        return implementation.bind_processor(dialect)
    return implementation.result_processor(dialect, None)
