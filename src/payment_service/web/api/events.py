"""`/v1/events`: everything an app was told, from any place on, and what comes next."""

import asyncio
from typing import Annotated, get_args

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction
from payment_service.model.endpoint import checked_types
from payment_service.model.event import (
    EVENTS_AFTER,
    LAST_POSITION,
    TYPES_AFTER,
    EventType,
    event_of_app,
)
from payment_service.resources import EventResource, event_resource
from payment_service.web.access import Reader
from payment_service.web.api.lists import Limit
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import EventId
from payment_service.web.arrivals import Arrivals
from payment_service.web.idempotency import json_answer
from payment_service.web.streams import streams_of

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)

WINDOW = 2_000
"""Positions looked through for the types that are asked for, in one request."""


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
    wait: Annotated[
        int, Query(ge=0, le=25, description="Seconds to wait for news where there is none.")
    ] = 0,
) -> Response:
    """Oldest first, in the order of their commits: who goes on from `next_after` each time misses
    none. With `types` a page may be empty although there is more: `has_more` says so."""
    wanted = None
    if types is not None:
        wanted = frozenset(checked_types(tuple(types.split(","))) or get_args(EventType))
    db, app_id = access.runtime.db, access.app.id
    page = await db.read(_page, app_id, after, wanted, limit)
    if wait and not page.data and not page.has_more:
        with streams_of(request).call(access):
            page = await _next_page(access, request, page, wanted, limit, wait)
    return json_answer(msgspec.json.encode(page))


@router.get("/{event_id}", summary="Read an event")
async def read(event_id: EventId, access: Reader) -> Response:
    event = await access.runtime.db.read(event_of_app, access.app.id, event_id)
    return json_answer(msgspec.json.encode(event_resource(event)))


async def _next_page(
    access: Reader,
    request: Request,
    page: EventPage,
    wanted: frozenset[str] | None,
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


def _page(
    tx: Transaction, app_id: str, after: int, wanted: frozenset[str] | None, limit: int
) -> EventPage:
    last = tx.one(LAST_POSITION, app_id=app_id) or 0
    if wanted is None:
        found = tx.all(EVENTS_AFTER, app_id=app_id, after=after, limit=limit)
        reached = found[-1].position if found else after
    else:
        window = tx.all(TYPES_AFTER, app_id=app_id, after=after, limit=WINDOW)
        places = [one.position for one in window if one.type in wanted][:limit]
        found = [
            event
            for place in places
            for event in tx.all(EVENTS_AFTER, app_id=app_id, after=place - 1, limit=1)
        ]
        reached = window[-1].position if window else after
        if len(places) == limit:
            reached = places[-1]
    return EventPage([event_resource(event) for event in found], reached < last, reached)
