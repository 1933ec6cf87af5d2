"""`/v1/events`: everything an app was told, from any place on, and what comes next."""

import asyncio
from typing import Annotated, NamedTuple, get_args

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction
from payment_service.model.cursor import not_a_place
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.endpoint import checked_types
from payment_service.model.event import LAST_POSITION, EventType, event_of_app
from payment_service.model.event_list import EventFilter, find_events
from payment_service.model.subscription import SUBSCRIPTION
from payment_service.resources import EventResource, event_resource
from payment_service.web.access import Reader
from payment_service.web.api.lists import Limit, OfCustomer, instants_of, span_of
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import SUBSCRIPTION_ID, DayOfList, EventId
from payment_service.web.arrivals import Arrivals
from payment_service.web.idempotency import json_answer
from payment_service.web.streams import streams_of

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)


class Wanted(NamedTuple):
    """Which events: customer and subscription as the app names them."""

    customer: str | None
    subscription: str | None
    others: EventFilter


class EventPage(msgspec.Struct, frozen=True):
    """`next_after` is where to go on, also when nothing was found."""

    data: list[EventResource]
    has_more: bool
    next_after: int


@router.get("", summary="List events from a position on")
async def list_events(
    access: Reader,
    request: Request,
    limit: Limit = 20,
    after: Annotated[
        int, Query(ge=0, le=2**53, description="The position after which to begin.")
    ] = 0,
    types: Annotated[
        str | None,
        Query(max_length=1000, description="Only these types, with commas between them."),
    ] = None,
    customer: OfCustomer = None,
    subscription: Annotated[
        str | None, Query(pattern=SUBSCRIPTION_ID, description="Only those of this subscription.")
    ] = None,
    created_from: Annotated[
        DayOfList | None,
        Query(description="Happened on this local day of the app's zone, or later."),
    ] = None,
    created_to: Annotated[
        DayOfList | None, Query(description="Happened on this local day, or earlier.")
    ] = None,
    wait: Annotated[
        int, Query(ge=0, le=25, description="Seconds to wait for news where there is none.")
    ] = 0,
) -> Response:
    """Oldest first, in the order of their commits: who goes on from `next_after` each time misses
    none. With a filter a page may be empty although there is more: `has_more` says so. An event is
    a customer's, or a subscription's, that is about it, one of its invoices or what was paid."""
    span = span_of("created", created_from, created_to)
    since, until = instants_of(span, access.app.zone)
    kinds = None
    if types is not None:
        kinds = frozenset(checked_types(tuple(types.split(","))) or get_args(EventType))
    others = EventFilter(types=kinds, since=since, until=until)
    wanted = Wanted(customer, subscription, others)
    page = await access.runtime.db.read(_page, access.app.id, after, wanted, limit)
    if wait and not page.data and not page.has_more:
        with streams_of(request).call(access):
            page = await _next_page(access, request, page, wanted, limit, wait)
    return json_answer(msgspec.json.encode(page))


@router.get("/{event_id}", summary="Read an event")
async def read(event_id: EventId, access: Reader) -> Response:
    """What the message told, byte for byte, however long ago."""
    event = await access.runtime.db.read(event_of_app, access.app.id, event_id)
    return json_answer(msgspec.json.encode(event_resource(event)))


async def _next_page(
    access: Reader,
    request: Request,
    page: EventPage,
    wanted: Wanted,
    limit: int,
    wait: int,
) -> EventPage:
    """The first page with something on it, or an empty one when the time is over or we stop."""
    arrivals: Arrivals = request.app.state.arrivals
    stopping: asyncio.Event = request.app.state.stopping
    db, app_id, ends = access.runtime.db, access.app.id, monotonic() + wait
    while not page.data and not stopping.is_set() and (left := ends - monotonic()) > 0:
        if not page.has_more:
            await arrivals.beyond(app_id, page.next_after, left)
        page = await db.read(_page, app_id, page.next_after, wanted, limit)
    return page


def _page(tx: Transaction, app_id: str, after: int, wanted: Wanted, limit: int) -> EventPage:
    newest = tx.one(LAST_POSITION, app_id=app_id) or 0
    if after > newest:
        raise not_a_place(
            f"Send {newest} or less: that is the position of the app's newest event. One beyond it "
            "is of another installation, or from before a backup was restored"
        )
    known = _known(tx, app_id, wanted)
    if known is None:
        return EventPage([], has_more=False, next_after=newest)
    found = find_events(tx, app_id, after, newest, known, limit)
    shown = [event_resource(event) for event in found.events]
    return EventPage(shown, found.reached < newest, found.reached)


def _known(tx: Transaction, app_id: str, wanted: Wanted) -> EventFilter | None:
    """With the ids that are meant; None where there are none."""
    made = wanted.others
    if wanted.customer is not None:
        customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=wanted.customer)
        if customer is None:
            return None
        made = made._replace(customer_id=customer.id)
    if wanted.subscription is not None:
        subscription = tx.one(SUBSCRIPTION, id=wanted.subscription)
        if subscription is None or subscription.app_id != app_id:
            return None
        made = made._replace(subscription_id=subscription.id)
    return made
