"""The overview: what the apps of an owner bring in, how their subscriptions stand, and how both
went in the last twelve months."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import get_args

import msgspec
from sqlalchemy import ColumnElement, Select, func, literal, select, union_all

from payment_service.kit.calendar import local_date, month_before
from payment_service.kit.expressions import month_of
from payment_service.kit.schema import LocalDate, Number
from payment_service.kit.statements import Record, Transaction, param, query
from payment_service.model.app import APPS, App, Mode
from payment_service.model.daily_total import daily_revenues, daily_standings
from payment_service.model.plan import plans
from payment_service.model.subscription import WITH_ACCESS, Status, subscriptions

MONTHS = 12
SOON = timedelta(days=7)
NOW = date.max
"""Later than any day that was counted, so that the latest one holds."""


class Standing(Record, frozen=True):
    """How many of an app's subscriptions have a state, and what they bring in a month."""

    app_id: str
    status: Status
    subscriptions: int
    monthly: int


class DueSoon(Record, frozen=True):
    """How many subscriptions have few days left, and their prices together, in rupiah."""

    subscriptions: int
    amount: int


class MonthlyRevenue(Record, frozen=True):
    """What was paid for in a month, which is named by its first day, in rupiah."""

    month: date
    amount: int


_s = daily_standings.c
_statuses = union_all(*(select(literal(one).label("status")) for one in get_args(Status))).subquery(
    "statuses"
)
_earlier = daily_standings.alias("earlier")
_latest_day = (
    select(func.max(_earlier.c.day))
    .where(
        _earlier.c.plan_id == plans.c.id,
        _earlier.c.status == _statuses.c.status,
        _earlier.c.day <= param("day", LocalDate),
    )
    .scalar_subquery()
)


def _standings(of: ColumnElement[bool]) -> Select[tuple[str, str, int, int]]:
    return (
        select(
            plans.c.app_id,
            _statuses.c.status,
            func.sum(_s.subscriptions).cast(Number).label("subscriptions"),
            func.sum(_s.monthly).cast(Number).label("monthly"),
        )
        .select_from(
            plans.join(_statuses, literal(True)).join(
                daily_standings,
                (_s.plan_id == plans.c.id)
                & (_s.status == _statuses.c.status)
                & (_s.day == _latest_day),
            )
        )
        .where(of)
        .group_by(plans.c.app_id, _statuses.c.status)
    )


STANDINGS_OF_APP = query(_standings(plans.c.app_id == param("app_id")), Standing)
STANDINGS_OF_PLAN = query(_standings(plans.c.id == param("plan_id")), Standing)
"""At the end of a day; on a day to come, now. For each plan and state one look for the day."""
REVENUES_OF_APP = query(
    select(
        month_of(daily_revenues.c.day).label("month"),
        func.sum(daily_revenues.c.amount).cast(Number).label("amount"),
    )
    .where(daily_revenues.c.app_id == param("app_id"), daily_revenues.c.day >= param("since"))
    .group_by(month_of(daily_revenues.c.day)),
    MonthlyRevenue,
)
DUE_SOON = query(
    select(
        func.count().label("subscriptions"),
        func.coalesce(func.sum(subscriptions.c.price), 0).cast(Number).label("amount"),
    )
    .select_from(subscriptions)
    .where(
        subscriptions.c.app_id == param("app_id"),
        subscriptions.c.status.in_(WITH_ACCESS),
        subscriptions.c.paid_through.between(param("today"), param("until")),
    ),
    DueSoon,
)


class Figures(msgspec.Struct, frozen=True):
    """Counts of subscriptions, and rupiah. `monthly` is the monthly recurring revenue: sold price /
    months of those active and in grace; what the latter bring is `at_risk`. `monthly_of` is what
    those of each state bring, or brought, in a month.

    `due_soon` are those whose last paid day is today or in the next seven days, `due_amount` their
    prices. `revenue` and `monthly_before` go with the months of the overview, of the running month
    up to now.
    """

    monthly: int
    at_risk: int
    standing: dict[Status, int]
    monthly_of: dict[Status, int]
    due_soon: int
    due_amount: int
    revenue: tuple[int, ...]
    monthly_before: tuple[int, ...]


class AppFigures(msgspec.Struct, frozen=True):
    """An app and its figures."""

    app_id: str
    name: str
    figures: Figures


class Overview(msgspec.Struct, frozen=True):
    """`months` are first days, the oldest first, the last of them that of `today`, which is the
    latest local date of the apps; `total` is of all apps listed."""

    mode: Mode
    today: date
    months: tuple[date, ...]
    total: Figures
    apps: tuple[AppFigures, ...]


def overview(tx: Transaction, mode: Mode, now: datetime, app_id: str | None = None) -> Overview:
    """Of all apps of a mode, or of that one. `now` is the machine's; test apps may be ahead."""
    apps = [one for one in tx.all(APPS) if one.mode == mode and app_id in (None, one.id)]
    days = {app.id: local_date(app.at(now), app.zone) for app in apps}
    today = max(days.values(), default=local_date(now, "Asia/Jakarta"))
    months = tuple(month_before(today, back) for back in range(MONTHS - 1, -1, -1))
    each = tuple(
        AppFigures(app.id, app.name, _figures(tx, app, days[app.id], months)) for app in apps
    )
    return Overview(mode, today, months, _sum([one.figures for one in each]), each)


def _figures(tx: Transaction, app: App, today: date, months: Sequence[date]) -> Figures:
    now = tx.all(STANDINGS_OF_APP, app_id=app.id, day=NOW)
    revenues = {
        one.month: one.amount for one in tx.all(REVENUES_OF_APP, app_id=app.id, since=months[0])
    }
    ends = [month - timedelta(days=1) for month in months[1:]]
    then = [_monthly(tx.all(STANDINGS_OF_APP, app_id=app.id, day=end)) for end in ends]
    due = tx.one(DUE_SOON, app_id=app.id, today=today, until=today + SOON) or DueSoon(0, 0)
    return Figures(
        monthly=_monthly(now),
        at_risk=sum(one.monthly for one in now if one.status == "grace"),
        standing={one.status: one.subscriptions for one in now if one.subscriptions},
        monthly_of={one.status: one.monthly for one in now if one.subscriptions},
        due_soon=due.subscriptions,
        due_amount=due.amount,
        revenue=tuple(revenues.get(month, 0) for month in months),
        monthly_before=(*then, _monthly(now)),
    )


def _monthly(standings: Sequence[Standing]) -> int:
    return sum(one.monthly for one in standings if one.status in ("active", "grace"))


def _sum(figures: Sequence[Figures]) -> Figures:
    standing: Counter[Status] = Counter()
    monthly_of: Counter[Status] = Counter()
    for one in figures:
        standing.update(one.standing)
        monthly_of.update(one.monthly_of)
    nothing = (0,) * MONTHS
    return Figures(
        monthly=sum(one.monthly for one in figures),
        at_risk=sum(one.at_risk for one in figures),
        standing=dict(standing),
        monthly_of=dict(monthly_of),
        due_soon=sum(one.due_soon for one in figures),
        due_amount=sum(one.due_amount for one in figures),
        revenue=_added([one.revenue for one in figures] or [nothing]),
        monthly_before=_added([one.monthly_before for one in figures] or [nothing]),
    )


def _added(series: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(month) for month in zip(*series, strict=True))
