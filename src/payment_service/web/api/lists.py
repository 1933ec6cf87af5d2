"""Lists, newest first, paged by the id of the last thing seen."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import Query
from starlette.responses import Response

from payment_service.kit.calendar import end_of, start_of
from payment_service.kit.errors import Invalid
from payment_service.kit.ids import first_id
from payment_service.model.page import NEWEST, Between, Span
from payment_service.web.api.texts import AFTER, CODE, SAID, DayOfList
from payment_service.web.idempotency import json_answer

__all__ = ["NEWEST"]

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
After = Annotated[
    str | None,
    Query(
        pattern=AFTER,
        description="`next_after` of the page before.",
    ),
]
OfCustomer = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        pattern=SAID,
        description="Only those of the customer with this reference of yours.",
    ),
]
OfPlan = Annotated[
    str | None, Query(max_length=50, pattern=CODE, description="Only those of the plan's code.")
]
CreatedFrom = Annotated[
    DayOfList | None, Query(description="Made on this local day of the app's zone, or later.")
]
CreatedTo = Annotated[DayOfList | None, Query(description="Made on this local day, or earlier.")]


def page(found: Sequence[Any], limit: int) -> Response:
    """`found` has one more than asked for when there is a next page."""
    shown = found[:limit]
    return page_after(shown, shown[-1].id if len(found) > limit else None)


def page_after(shown: Sequence[Any], next_after: str | None) -> Response:
    """`next_after` is None on the last page."""
    body = {"data": shown, "has_more": next_after is not None, "next_after": next_after}
    return json_answer(msgspec.json.encode(body))


def span_of(name: str, first: date | None, last: date | None) -> Span | None:
    """The days from `<name>_from` to `<name>_to`; None where neither is given. Raises Invalid."""
    if first is None and last is None:
        return None
    span = Span(first or Span().first, last or Span().last)
    if span.first > span.last:
        raise Invalid(
            "date_range", f"{name}_from is later than {name}_to; exchange them, or leave one out."
        )
    return span


def made_in(prefix: str, span: Span | None, zone: str, after: str | None) -> Between:
    """The ids of a page: below `after`, and made on the days of the span. Ids tell their time."""
    before, floor = after or NEWEST, ""
    if span is not None:
        if span.first > Span().first:
            floor = first_id(prefix, start_of(span.first, zone))
        if span.last < Span().last:
            before = min(before, first_id(prefix, end_of(span.last, zone)))
    return Between(before, floor)
