"""Lists, newest first, paged by the id of the last thing seen."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

import msgspec
from fastapi import Query
from starlette.responses import Response

from payment_service.kit.calendar import end_of, start_of
from payment_service.kit.errors import Invalid
from payment_service.kit.ids import first_id
from payment_service.kit.statements import Transaction
from payment_service.model.cursor import check_cursor
from payment_service.model.page import NEWEST, Between, Span
from payment_service.model.payment import Outcome
from payment_service.web.access import Access
from payment_service.web.api.texts import CODE, SAID, DayOfList, IdOf
from payment_service.web.idempotency import json_answer

P = ParamSpec("P")
T = TypeVar("T")


def _after(prefix: str) -> Any:
    return Query(
        pattern=f"^{IdOf(prefix, '').shape}$", description="`next_after` of the page before."
    )


Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
AfterPlan = Annotated[str | None, _after("plan")]
AfterCustomer = Annotated[str | None, _after("cus")]
AfterSubscription = Annotated[str | None, _after("sub")]
AfterInvoice = Annotated[str | None, _after("inv")]
AfterCharge = Annotated[str | None, _after("chg")]
AfterPayment = Annotated[str | None, _after("pay")]
AfterEntry = Annotated[str | None, _after("crd")]
AfterKey = Annotated[str | None, _after("key")]
AfterEndpoint = Annotated[str | None, _after("ep")]
AfterDelivery = Annotated[str | None, _after("dlv")]
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
OfOutcome = Annotated[
    Outcome | None, Query(description="Only those that this became of when they came.")
]
PaidFrom = Annotated[DayOfList | None, Query(description="Paid then or later.")]
PaidTo = Annotated[DayOfList | None, Query(description="Paid then or earlier.")]


async def read_list(
    access: Access,
    after: str | None,
    read: Callable[Concatenate[Transaction, str, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """What `read` finds for the app. Raises Invalid where `after` names nothing of it."""

    def work(tx: Transaction) -> T:
        if after is not None:
            check_cursor(tx, access.app.id, after)
        return read(tx, access.app.id, *args, **kwargs)

    return await access.runtime.db.read(work)


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


def instants_of(span: Span | None, zone: str) -> tuple[datetime | None, datetime | None]:
    """When the span begins, and when it is over; None where it is open."""
    if span is None:
        return None, None
    since = start_of(span.first, zone) if span.first > Span().first else None
    return since, end_of(span.last, zone) if span.last < Span().last else None


def made_in(prefix: str, span: Span | None, zone: str, after: str | None) -> Between:
    """The ids of a page: below `after`, and made on the days of the span. Ids tell their time."""
    since, until = instants_of(span, zone)
    before = after or NEWEST
    if until is not None:
        before = min(before, first_id(prefix, until))
    return Between(before, first_id(prefix, since) if since is not None else "")
