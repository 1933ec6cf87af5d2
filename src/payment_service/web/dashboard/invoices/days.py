"""Days of a list of money, as its address has them: the last so many, a month, or one's own."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from payment_service.kit.calendar import end_of, start_of
from payment_service.kit.ids import first_id
from payment_service.model.page import NEWEST, Between, Span

LAST = {"7": 7, "30": 30, "90": 90, "365": 365}
MONTHS = 12
MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")
DAY = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")


def span_in(query: Mapping[str, str], name: str, today: date) -> Span | None:
    """Days of a reader's own go before a month or the last so many. What is none is passed over;
    None where nothing is asked for."""
    first, last = day_in(query, f"{name}_from"), day_in(query, f"{name}_to")
    if first is not None or last is not None:
        return Span(first or Span().first, last or Span().last)
    days = query.get("days", "")
    if days in LAST:
        return Span(today - timedelta(days=LAST[days]), Span().last)
    month = month_in(days)
    return None if month is None else Span(month, _next(month) - timedelta(days=1))


def day_in(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name, "")
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def month_in(text: str) -> date | None:
    """Its first day, of `2026-03`."""
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def latest_months(today: date, chosen: str) -> list[date]:
    """This one and those before it, and the one that is chosen."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    other = month_in(chosen)
    return months if other is None or other in months else [*months, other]


def ids_of(prefix: str, span: Span, zone: str) -> Between:
    """Ids tell their time."""
    floor = first_id(prefix, start_of(span.first, zone)) if span.first > Span().first else ""
    before = first_id(prefix, end_of(span.last, zone)) if span.last < Span().last else NEWEST
    return Between(before, floor)


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
