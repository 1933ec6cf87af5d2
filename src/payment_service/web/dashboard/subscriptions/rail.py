"""The rail: a subscription's time as one bar of paid days, grace and no access, and where in it
today stands.

Stretches have fixed shares of the bar, so that the words below never lie over one another however
long a period is; within a stretch days are even.
"""

from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from payment_service.kit.calendar import months_on
from payment_service.model.subscription import Subscription

Kind = Literal["paid", "grace", "none"]
DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """`x` and `width` in percent; `first` and `last` are local days, both in it."""

    kind: Kind
    first: date
    last: date
    x: float
    width: float


class Mark(NamedTuple):
    """A day below the bar and what it is: `began`, `paid`, `grace`, or `access` where that
    ended before the paid days did."""

    x: float
    anchor: str
    day: date
    what: str


class Rail(NamedTuple):
    """`dot` is where today is."""

    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...]
    dot: float
    dot_anchor: str
    today: date


def rail_of(
    subscription: Subscription,
    began: date,
    grace_until: date | None,
    ended: date | None,
    today: date,
) -> Rail | None:
    """`began` is the first day of what is paid, `grace_until` the last day of the grace that runs
    or would, `ended` the first day without access where that is past or settled. None where there
    is no paid day: nothing was paid, or the plan is free."""
    through = subscription.paid_through
    if through is None:
        return None
    began = min(began, through)
    spans: list[tuple[Kind, date, date]] = [("paid", began, through)]
    if ended is not None:
        spans[0] = ("paid", began, min(max(began, ended - DAY), through))
        if ended - DAY > through and grace_until is not None:
            spans.append(("grace", through + DAY, ended - DAY))
    elif grace_until is not None and grace_until > through:
        spans.append(("grace", through + DAY, grace_until))
    last = spans[-1][2]
    spans.append(("none", last + DAY, max(today, last + timedelta(days=14))))
    shares = (52.0, 26.0, 22.0) if len(spans) == 3 else (66.0, 34.0)
    stretches, x = [], 0.0
    for (kind, first, end), share in zip(spans, shares, strict=True):
        stretches.append(Stretch(kind, first, end, x, share))
        x += share
    dot = _place(stretches, today)
    marks = _marks(stretches)
    if stretches[0].last < through:
        marks = (marks[0], marks[1]._replace(what="access"), *marks[2:])
    return Rail(tuple(stretches), marks, dot, _anchor(dot, 22), today)


def began_on(subscription: Subscription, period_start: date | None, created: date) -> date:
    """The first day of the period that runs: of the invoice that bought it where one did, else as
    long before the last day as the plan is."""
    through, anchor = subscription.paid_through, subscription.anchor_day
    if through is None or subscription.activated_at is None:
        return created
    if period_start is not None and period_start <= through:
        return period_start
    return months_on(through, -subscription.months, anchor or through.day) + DAY


def _place(stretches: list[Stretch], today: date) -> float:
    """The middle of the day."""
    for one in stretches:
        if today <= one.last:
            days = (one.last - one.first).days + 1
            passed = max(0.0, (today - one.first).days + 0.5)
            return round(one.x + one.width * passed / days, 2)
    return 98.0


def _marks(stretches: list[Stretch]) -> tuple[Mark, ...]:
    marks = [Mark(0, "start", stretches[0].first, "began")]
    for one, following in pairwise(stretches):
        anchor = "end" if one.kind == "paid" and following.kind == "grace" else "middle"
        marks.append(Mark(one.x + one.width, anchor, one.last, one.kind))
    return tuple(marks)


def _anchor(x: float, edge: float) -> str:
    if x < edge:
        return "start"
    return "end" if x > 100 - edge else "middle"
