"""`/v1/deliveries`: what became of each event at each endpoint, and sending it again."""

from typing import Annotated, NamedTuple

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.resend_delivery import resend_delivery
from payment_service.kit.statements import Transaction
from payment_service.model.attempt import NEWEST_ATTEMPTS, SHOWN
from payment_service.model.delivery import (
    DELIVERED_OF_ENDPOINT,
    DELIVERIES_OF_ENDPOINT,
    DELIVERIES_OF_EVENT_TO,
    NOT_DELIVERED_OF_ENDPOINT,
    Shown,
    Status,
    delivery_of_app,
)
from payment_service.model.endpoint import endpoint_of_app
from payment_service.model.page import Between
from payment_service.resources import (
    DeliveryResource,
    DeliveryWithAttempts,
    delivery_resource,
    delivery_with_attempts,
)
from payment_service.web.access import Reader, Writer
from payment_service.web.api.lists import (
    AfterDelivery,
    CreatedFrom,
    CreatedTo,
    Limit,
    made_in,
    page,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import EVENT_ID, DeliveryId, EndpointId
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer


class Asked(NamedTuple):
    """Which deliveries of an endpoint."""

    endpoint_id: str
    status: Status | None
    event_id: str | None
    between: Between


router = APIRouter(tags=["deliveries"], route_class=StrictRoute)


@router.get("/v1/webhook-endpoints/{endpoint_id}/deliveries", summary="List deliveries")
async def list_deliveries(
    endpoint_id: EndpointId,
    access: Reader,
    limit: Limit = 20,
    after: AfterDelivery = None,
    status: Annotated[Status | None, Query(description="Only those that stand so.")] = None,
    event: Annotated[
        str | None, Query(pattern=EVENT_ID, description="Only that of this event.")
    ] = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> Response:
    """What became of each event at this endpoint, newest first; one of them tells its attempts."""
    span = span_of("created", created_from, created_to)
    between = made_in("dlv", span, access.app.zone, after)
    asked = Asked(endpoint_id, status, event, between)
    found = await read_list(access, after, _list, asked, limit + 1)
    return page(found, limit)


@router.get("/v1/deliveries/{delivery_id}", summary="Read a delivery and its attempts")
async def read(delivery_id: DeliveryId, access: Reader) -> Response:
    """Each attempt of the last 90 days: when, where to, what came back, when the next is due."""
    found = await access.runtime.db.read(_read, access.app.id, delivery_id)
    return json_answer(msgspec.json.encode(found))


@router.post("/v1/deliveries/{delivery_id}/resend", status_code=202, summary="Send it again")
async def resend(
    delivery_id: DeliveryId,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """At once, with all attempts before it: it ends the endpoint's pause and is tried first. What
    waits already keeps its attempts."""
    app_id, now = access.app.id, access.runtime.clock.now()

    def work(tx: Transaction) -> tuple[int, bytes]:
        delivery = resend_delivery(tx, app_id, delivery_id, now)
        return 202, msgspec.json.encode(delivery_resource(delivery))

    return await answer_once(access, request, idempotency_key, work)


def _list(tx: Transaction, app_id: str, asked: Asked, limit: int) -> list[DeliveryResource]:
    endpoint_of_app(tx, app_id, asked.endpoint_id)
    return [delivery_resource(one) for one in _found(tx, asked, limit)]


def _found(tx: Transaction, asked: Asked, limit: int) -> list[Shown]:
    endpoint_id, status = asked.endpoint_id, asked.status
    before, floor = asked.between
    if asked.event_id is not None:
        only = tx.all(DELIVERIES_OF_EVENT_TO, event_id=asked.event_id, endpoint_id=endpoint_id)
        return [one for one in only if status in (None, one.status) and floor <= one.id < before]
    of_page = {
        "endpoint_id": endpoint_id,
        "first": floor,
        "before": before,
        "limit": limit,
    }
    if status is None:
        return tx.all(DELIVERIES_OF_ENDPOINT, **of_page)
    if status == "delivered":
        return tx.all(DELIVERED_OF_ENDPOINT, **of_page)
    return tx.all(NOT_DELIVERED_OF_ENDPOINT, **of_page, status=status)


def _read(tx: Transaction, app_id: str, delivery_id: str) -> DeliveryWithAttempts:
    delivery = delivery_of_app(tx, app_id, delivery_id)
    return delivery_with_attempts(
        delivery, tx.all(NEWEST_ATTEMPTS, delivery_id=delivery.id, limit=SHOWN)
    )
