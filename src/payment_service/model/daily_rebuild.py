"""Daily totals from the books: what they should be, found from paid invoices and from all that was
ever told of subscriptions."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, cast, delete, func, literal, select, union_all

from payment_service.kit.calendar import hours_ahead
from payment_service.kit.expressions import json_field, local_day
from payment_service.kit.schema import Number
from payment_service.kit.statements import (
    Transaction,
    add_all,
    command,
    param,
    query,
    rows_of,
    value,
)
from payment_service.model.app import App
from payment_service.model.daily_total import (
    OF_NO_PLAN,
    DailyRevenue,
    DailyStanding,
    daily_revenues,
    daily_standings,
)
from payment_service.model.event import event_counters, events
from payment_service.model.invoice import invoices
from payment_service.model.plan import plans

Amounts = tuple[int, int]
NOTHING: Amounts = (0, 0)


class Totals(NamedTuple):
    """All the daily totals of an app."""

    revenues: list[DailyRevenue]
    standings: list[DailyStanding]


_of_plans = daily_standings.c.plan_id.in_(
    select(plans.c.id).where(plans.c.app_id == param("app_id"))
)
REVENUES_KEPT = query(
    rows_of(DailyRevenue).where(daily_revenues.c.app_id == param("app_id")), DailyRevenue
)
STANDINGS_KEPT = query(rows_of(DailyStanding).where(_of_plans), DailyStanding)
DROP_REVENUES = command(delete(daily_revenues).where(daily_revenues.c.app_id == param("app_id")))
DROP_STANDINGS = command(delete(daily_standings).where(_of_plans))
LOCK_COUNTER = value(
    select(event_counters.c.last)
    .where(event_counters.c.app_id == param("app_id"))
    .with_for_update(),
    int,
)
"""As every change of a total has it."""

_plan = func.coalesce(invoices.c.plan_id, OF_NO_PLAN)
REVENUES_BOOKED = query(
    select(
        invoices.c.app_id,
        invoices.c.paid_on.label("day"),
        _plan.label("plan_id"),
        func.count().label("invoices"),
        func.sum(invoices.c.total).cast(Number).label("amount"),
    )
    .where(invoices.c.app_id == param("app_id"), invoices.c.status == "paid")
    .group_by(invoices.c.app_id, invoices.c.paid_on, _plan),
    DailyRevenue,
)


def _told(name: str) -> ColumnElement[str]:
    return json_field(events.c.body, "data", name)


_price, _months = (cast(_told(name), Number) for name in ("price", "months"))
_plan_told = json_field(events.c.body, "data", "plan", "id")
_steps = (
    select(
        events.c.subject_id,
        events.c.position,
        local_day(events.c.created_at, param("hours", Number)).label("day"),
        _plan_told.label("plan_id"),
        _told("status").label("status"),
        ((2 * _price + _months) // (2 * _months)).label("monthly"),
    )
    .where(events.c.app_id == param("app_id"), events.c.type.like("subscription.%"))
    .cte("steps")
)
_in_order: dict[str, Any] = {"partition_by": _steps.c.subject_id, "order_by": _steps.c.position}
_moves = select(
    _steps.c.day,
    *(
        kept
        for name in ("plan_id", "status", "monthly")
        for kept in (
            _steps.c[name],
            func.lag(_steps.c[name]).over(**_in_order).label(f"old_{name}"),
        )
    ),
).cte("moves")
_changes = union_all(
    select(
        _moves.c.plan_id, _moves.c.status, _moves.c.day, literal(1, Number).label("subscriptions"),
        _moves.c.monthly,
    ),
    select(
        _moves.c.old_plan_id, _moves.c.old_status, _moves.c.day, literal(-1, Number),
        -_moves.c.old_monthly,
    ).where(_moves.c.old_status.is_not(None)),
).subquery("changes")  # fmt: skip
CHANGES_TOLD = query(
    select(
        _changes.c.plan_id,
        _changes.c.status,
        _changes.c.day,
        func.sum(_changes.c.subscriptions).cast(Number).label("subscriptions"),
        func.sum(_changes.c.monthly).cast(Number).label("monthly"),
    )
    .group_by(_changes.c.plan_id, _changes.c.status, _changes.c.day)
    .order_by(_changes.c.plan_id, _changes.c.status, _changes.c.day),
    DailyStanding,
)
"""By how much each day changed how many there are; every event of a subscription is one step."""


def totals_kept(tx: Transaction, app: App) -> Totals:
    given = {"app_id": app.id}
    return Totals(tx.all(REVENUES_KEPT, **given), tx.all(STANDINGS_KEPT, **given))


def totals_booked(tx: Transaction, app: App) -> Totals:
    """It reads everything that the app ever was told."""
    changes = tx.all(CHANGES_TOLD, app_id=app.id, hours=hours_ahead(app.zone))
    return Totals(tx.all(REVENUES_BOOKED, app_id=app.id), _carried(changes))


def put_totals(tx: Transaction, app: App, totals: Totals) -> None:
    """In place of those that are kept. The counter is locked by the caller."""
    for statement in (DROP_REVENUES, DROP_STANDINGS):
        tx.run(statement, app_id=app.id)
    add_all(tx, totals.revenues)
    add_all(tx, totals.standings)


def corrected(now: Totals, then: Totals, should: Totals) -> Totals:
    """The totals of now, by as much another as those of `then` differ from what they should have
    been: what was counted since stays counted."""
    sums: dict[tuple[str, date, str], Amounts] = defaultdict(lambda: NOTHING)
    for revenues, sign in ((now, 1), (then, -1), (should, 1)):
        for one in revenues.revenues:
            key = one.app_id, one.day, one.plan_id
            sums[key] = _added(sums[key], (one.invoices, one.amount), sign)
    kept = [DailyRevenue(*key, *both) for key, both in sums.items() if both != NOTHING]
    return Totals(kept, list(_corrected(_lines(now), _lines(then), _lines(should))))


class _Line(NamedTuple):
    """The days on which a plan's number in a state changed, and what it was from then."""

    days: Sequence[date] = ()
    amounts: Sequence[Amounts] = ()

    def at(self, day: date) -> Amounts:
        place = bisect_right(self.days, day)
        return self.amounts[place - 1] if place else NOTHING


_Lines = dict[tuple[str, str], _Line]


def _lines(totals: Totals) -> _Lines:
    rows: dict[tuple[str, str], list[DailyStanding]] = defaultdict(list)
    for one in sorted(totals.standings, key=lambda one: one.day):
        rows[one.plan_id, one.status].append(one)
    return {
        key: _Line([one.day for one in some], [(one.subscriptions, one.monthly) for one in some])
        for key, some in rows.items()
    }


def _corrected(now: _Lines, then: _Lines, should: _Lines) -> Iterable[DailyStanding]:
    for key in sorted({*now, *then, *should}):
        here, was, wanted = (lines.get(key, _Line()) for lines in (now, then, should))
        last = NOTHING
        for day in sorted({*here.days, *was.days, *wanted.days}):
            amounts = _added(_added(here.at(day), was.at(day), -1), wanted.at(day), 1)
            if amounts != last:
                yield DailyStanding(*key, day, *amounts)
                last = amounts


def _carried(changes: Sequence[DailyStanding]) -> list[DailyStanding]:
    """How many there were after each change, from by how much it changed."""
    sums: dict[tuple[str, str], Amounts] = defaultdict(lambda: NOTHING)
    found = []
    for one in changes:
        key = one.plan_id, one.status
        sums[key] = _added(sums[key], (one.subscriptions, one.monthly), 1)
        found.append(DailyStanding(*key, one.day, *sums[key]))
    return found


def _added(one: Amounts, other: Amounts, sign: int) -> Amounts:
    return one[0] + sign * other[0], one[1] + sign * other[1]
