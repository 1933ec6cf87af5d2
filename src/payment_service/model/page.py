"""A page of a list: the newest first, found with bounded work whatever the filters are.

A list walks one or several runs of an index, each in the order of ids. What no index tells is
looked at row by row, a window at a time. A span of days jumps over what it leaves out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    Text,
    UnaryExpression,
    and_,
    asc,
    case,
    desc,
    func,
    literal,
    or_,
    select,
    union_all,
)

from payment_service.kit.expressions import in_list
from payment_service.kit.schema import Json, LocalDate, Number
from payment_service.kit.statements import Record, Statement, Transaction, param, query, value

T = TypeVar("T")

WINDOW = 500
"""Rows looked at by one query, where those of a page's length did not fit."""
MOST_WINDOWS = 11
NEWEST = "zz"
"""Sorts behind every id, in every collation."""


class BothWays(Statement[T]):
    """A statement that goes from new to old, and the same from old to new."""

    def __init__(self, older: Statement[T], newer: Statement[T]) -> None:
        super().__init__(older.core, older.make)
        self.newer = newer


class Seen(Record, frozen=True):
    """A row that was walked over, and whether it is wanted."""

    id: str
    fits: int


class Span(NamedTuple):
    """Local days, both inclusive."""

    first: date = date(1900, 1, 1)
    last: date = date(9999, 12, 31)


class Between(NamedTuple):
    """Below which id a page begins, and below which it does not go."""

    before: str = NEWEST
    floor: str = ""


class Page(NamedTuple):
    """Ids, newest first, and behind which the next page begins; None at the end.

    It may hold fewer than were asked for, and even none, where many had to be looked at.
    """

    ids: Sequence[str]
    next_after: str | None


class Jumps(NamedTuple):
    """How the newest row of a span of days is found: each of these may have it."""

    statements: Sequence[BothWays[str]]
    params: Mapping[str, Any]


class Walk(NamedTuple):
    """How a list is walked. `within` is where it ends, both ways, whichever page is asked for."""

    statement: BothWays[Seen]
    params: Mapping[str, Any]
    jumps: Jumps | None = None
    within: Between = Between()

    def part(self, between: Between) -> Between:
        """What of its own lies there."""
        before, floor = self.within
        return Between(min(before, between.before), max(floor, between.floor))


def page_of(tx: Transaction, walk: Walk, between: Between, limit: int) -> Page:
    """The next `limit` ids of a list."""
    found: list[str] = []
    before, floor = walk.part(between)
    window = limit + 1
    for _ in range(MOST_WINDOWS):
        if walk.jumps is not None:
            top = _newest(tx, walk.jumps, before, floor)
            if top is None:
                return Page(found, None)
            before = top + "0"  # with that row itself
        seen = tx.all(walk.statement, **walk.params, before=before, floor=floor, window=window)
        found += [row.id for row in seen if row.fits]
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1])
        if len(seen) < window:
            return Page(found, None)
        before, window = seen[-1].id, max(limit + 1, WINDOW)
    return Page(found, before)


def _newest(tx: Transaction, jumps: Jumps, before: str, floor: str) -> str | None:
    found = [tx.one(one, **jumps.params, before=before, floor=floor) for one in jumps.statements]
    return max((one for one in found if one is not None), default=None)


def page_before(tx: Transaction, walk: Walk, between: Between, limit: int) -> Page:
    """The other way: of a list the `limit` ids that come next above `floor`, newest first.
    `next_after` is the id above which the page before it ends; None at the beginning."""
    found: list[str] = []
    before, floor = walk.part(between)
    window = limit + 1
    for _ in range(MOST_WINDOWS):
        if walk.jumps is not None:
            floor = _oldest(tx, walk.jumps, before, floor) or NEWEST
        given = {**walk.params, "before": before, "floor": floor, "window": window}
        seen = tx.all(walk.statement.newer, **given)
        found += [row.id for row in seen if row.fits]
        if len(found) > limit:
            return Page(found[limit - 1 :: -1], found[limit - 1])
        if len(seen) < window:
            return Page(found[::-1], None)
        floor, window = seen[-1].id + "0", max(limit + 1, WINDOW)
    return Page(found[::-1], floor[:-1])


def _oldest(tx: Transaction, jumps: Jumps, before: str, floor: str) -> str | None:
    found = [
        tx.one(one.newer, **jumps.params, before=before, floor=floor) for one in jumps.statements
    ]
    return min((one for one in found if one is not None), default=None)


def among(word: ColumnElement[Any] | str, name: str) -> ColumnElement[bool]:
    """Whether this parameter, words with commas, has the word."""
    return param(name, Text).contains(word)


def given(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether it is what this parameter says, where that says anything."""
    wanted = param(name, column.type)
    return or_(wanted.is_(None), column == wanted)


def in_span(day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a day lies in the span, where there is one."""
    first, last = param("first_day", LocalDate), param("last_day", LocalDate)
    return or_(first.is_(None), day.between(first, last))


def span_params(span: Span | None) -> dict[str, date | None]:
    return {"first_day": span and span.first, "last_day": span and span.last}


def walk_of(
    table: Table, runs: Sequence[ColumnElement[bool]], *fits: ColumnElement[bool]
) -> BothWays[Seen]:
    """The next rows of these runs together. Each run is a condition whose rows an index gives in
    the order of their ids; `fits` is what else is asked of a row."""
    wanted = case((and_(*fits), 1), else_=0) if fits else literal(1, Number)
    return BothWays(*(_walked(table, runs, wanted, towards) for towards in (desc, asc)))


def _walked(
    table: Table,
    runs: Sequence[ColumnElement[bool]],
    wanted: ColumnElement[Any],
    towards: Callable[[Any], UnaryExpression[Any]],
) -> Statement[Seen]:
    walked = [_run(table, run, wanted, towards) for run in runs]
    if len(walked) == 1:
        return query(walked[0], Seen)
    merged = union_all(*(select(*run.subquery().c) for run in walked)).subquery("merged")
    return query(
        select(merged.c.id, merged.c.fits)
        .order_by(towards(merged.c.id))
        .limit(param("window", Number)),
        Seen,
    )


def _run(
    table: Table,
    run: ColumnElement[bool],
    wanted: ColumnElement[Any],
    towards: Callable[[Any], UnaryExpression[Any]],
) -> Select[Any]:
    return (
        select(table.c.id, wanted.label("fits"))
        .where(run, table.c.id < param("before"), table.c.id >= param("floor"))
        .order_by(towards(table.c.id))
        .limit(param("window", Number))
    )


def of_page(rows: Select[Any], ids: Column[Any]) -> Select[Any]:
    """Of these rows those of a page."""
    return rows.where(in_list(ids, param("ids", Json(list[str])))).order_by(ids.desc())


def newest_in_span(day: Column[Any], *run: ColumnElement[bool]) -> BothWays[str]:
    """The newest row below `before` whose day lies in the span: for each day that there is, one
    look finds the day and one its newest row, in an index on the run, the day and the id. The other
    way it is the oldest one from `floor` on."""
    return BothWays(*(_end_of_span(day, run, end) for end in (func.max, func.min)))


def _end_of_span(
    day: Column[Any], run: Sequence[ColumnElement[bool]], end: Callable[[Any], Any]
) -> Statement[str]:
    ids: Column[Any] = day.table.c.id
    first, last = param("first_day", LocalDate), param("last_day", LocalDate)
    latest = select(func.max(day).label("day")).where(*run, day >= first, day <= last)
    days = latest.cte("days", recursive=True)
    earlier = select(func.max(day)).where(*run, day >= first, day < days.c.day).scalar_subquery()
    days = days.union_all(select(earlier).where(days.c.day.is_not(None)))
    newest = (
        select(end(ids))
        .where(*run, day == days.c.day, ids < param("before"), ids >= param("floor"))
        .scalar_subquery()
    )
    of_days = select(newest.label("newest")).select_from(days).subquery("of_days")
    return value(select(end(of_days.c.newest)), str)
