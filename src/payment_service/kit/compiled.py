"""A statement compiled for one dialect: its text, and how values go in and rows come out."""

from collections.abc import Callable, Sequence
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
        columns = getattr(core, "exported_columns", ())
        converts = [_from_row(column, dialect) for column in columns]
        self._results = [(i, convert) for i, convert in enumerate(converts) if convert]
        self._make = make

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

    def bind_all(self, rows: Rows) -> list[Any]:
        """The same for many. Of records, whose fields are the parameters, column by column."""
        first = rows[0] if rows else {}
        if isinstance(first, dict):
            return [self.bind(params) for params in rows]  # type: ignore[arg-type]  # all dicts
        columns = zip(*[astuple(row) for row in rows], strict=True)  # type: ignore[arg-type]  # all records
        fields = dict(zip(first.__struct_fields__, columns, strict=True))
        bound = [
            _converted(fields[name or ""], convert) if convert else fields[name or ""]
            for name, convert, _ in self._places
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
