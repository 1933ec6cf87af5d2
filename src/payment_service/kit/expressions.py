"""What statements compute on both databases alike: a field of JSON text, a local day, the day
after it, its month, whether a text is in a list that the caller gives."""

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from payment_service.kit.schema import LocalDate


class json_field(FunctionElement[str]):  # noqa: N801 - reads as the function it is
    """The text at a path in a column of JSON text: `json_field(events.c.body, "data", "seq")`."""

    type = Text()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], *path: str) -> None:
        if not all(name.isidentifier() for name in path):
            raise ValueError(f"a path is made of names: {path}")
        super().__init__(column)
        self.path = path


class day_after(FunctionElement[Any]):  # noqa: N801 - reads as the function it is
    """The day after a local date."""

    type = LocalDate()
    inherit_cache = False


class in_list(FunctionElement[Any]):  # noqa: N801 - reads as the function it is
    """Whether a text is in a list of any length, given as JSON: `in_list(plans.c.id, param("ids",
    Json(list[str])))`."""

    type = NullType()  # as a boolean it would be compared with 1 on SQLite, and find by no index
    inherit_cache = False


class local_day(FunctionElement[Any]):  # noqa: N801 - reads as the function it is
    """The date of an instant where it is so many hours later than UTC: `local_day(created_at,
    param("hours", Number))`."""

    type = LocalDate()
    inherit_cache = False


class month_of(FunctionElement[Any]):  # noqa: N801 - reads as the function it is
    """The first day of a local date's month."""

    type = LocalDate()
    inherit_cache = False


@compiles(json_field, "sqlite")
def _json_field_sqlite(element: json_field, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"CAST(json_extract({column}, '$.{'.'.join(element.path)}') AS TEXT)"


@compiles(json_field, "postgresql")
def _json_field_postgresql(element: json_field, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"(({column})::json #>> '{{{','.join(element.path)}}}')"


@compiles(day_after, "sqlite")
def _day_after_sqlite(element: day_after, compiler: Any, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, '+1 day')"


@compiles(day_after, "postgresql")
def _day_after_postgresql(element: day_after, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} + 1)"


@compiles(month_of, "sqlite")
def _month_of_sqlite(element: month_of, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 8) || '01'"


@compiles(month_of, "postgresql")
def _month_of_postgresql(element: month_of, compiler: Any, **options: Any) -> str:
    return f"date_trunc('month', {compiler.process(element.clauses, **options)})::date"


@compiles(local_day, "sqlite")
def _local_day_sqlite(element: local_day, compiler: Any, **options: Any) -> str:
    instant, hours = (compiler.process(one, **options) for one in element.clauses)
    return f"date({instant}, {hours} || ' hours')"


@compiles(local_day, "postgresql")
def _local_day_postgresql(element: local_day, compiler: Any, **options: Any) -> str:
    instant, hours = (compiler.process(one, **options) for one in element.clauses)
    return f"(({instant}) AT TIME ZONE 'UTC' + {hours} * interval '1 hour')::date"


@compiles(in_list, "sqlite")
def _in_list_sqlite(element: in_list, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({listed}))"  # nosec  # noqa: S608 - compiled parts


@compiles(in_list, "postgresql")
def _in_list_postgresql(element: in_list, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY (ARRAY(SELECT json_array_elements_text(({listed})::json)))"
