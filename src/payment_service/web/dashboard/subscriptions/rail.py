"""The rail: a subscription's time as one bar of paid days, grace and no access, and where in it
today stands.

Stretches have fixed shares of the bar, so that the words below never lie over one another however
long a period is; within a stretch days are even.
"""

from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

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
    or would, `ended` the day on which access was closed where it is. None where there is no paid
    day: nothing was paid, or the plan is free."""
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
    # Access may be closed on the very day on which it began.
    shut = last + DAY if ended is None else min(ended, last + DAY)
    spans.append(("none", shut, max(today, last + timedelta(days=14))))
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


def _place(stretches: list[Stretch], today: date) -> float:
    """The middle of the day. Of a day on which access was opened and closed the later counts."""
    here = next((one for one in reversed(stretches) if one.first <= today), stretches[0])
    days = (here.last - here.first).days + 1
    passed = max(0.0, (today - here.first).days + 0.5)
    return round(min(here.x + here.width * passed / days, 98.0), 2)


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
