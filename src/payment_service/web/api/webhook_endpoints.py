"""`/v1/webhook-endpoints`: where an app hears of its events."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.create_endpoint import NewEndpoint, create_endpoint
from payment_service.actions.delete_endpoint import delete_endpoint
from payment_service.actions.edit_endpoint import EndpointChange, edit_endpoint
from payment_service.actions.resend import begin_resend
from payment_service.actions.roll_endpoint_secret import roll_endpoint_secret
from payment_service.actions.send_test import send_test
from payment_service.kit.statements import Transaction
from payment_service.model.endpoint import EndpointStatus, endpoint_of_app
from payment_service.model.endpoint_list import ENDPOINTS_LISTED, walk_endpoints
from payment_service.model.page import Between, page_of
from payment_service.resources import (
    EndpointResource,
    delivery_resource,
    endpoint_resource,
    endpoint_with_secret,
    resend_resource,
)
from payment_service.web.access import Reader, Writer
from payment_service.web.api.endpoint_bodies import (
    EndpointBody,
    EndpointEditBody,
    ResendBody,
    RollSecretBody,
)
from payment_service.web.api.lists import (
    AfterEndpoint,
    CreatedFrom,
    CreatedTo,
    Limit,
    made_in,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import EndpointId
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(
    prefix="/v1/webhook-endpoints", tags=["webhook endpoints"], route_class=StrictRoute
)


@router.post("", status_code=201, summary="Add a webhook endpoint")
async def add(
    body: EndpointBody, access: Writer, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    """It hears every event from then on. The `secret` in the answer is shown this once."""
    runtime, app, now = access.runtime, access.app, access.runtime.clock.now()
    wanted = NewEndpoint(
        url=body.url,
        types=None if body.types is None else tuple(body.types),
        description=body.description,
        metadata=body.metadata,
    )

    def work(tx: Transaction) -> tuple[int, bytes]:
        made = create_endpoint(tx, app, wanted, runtime.secrets, runtime.targets, now)
        return 201, msgspec.json.encode(endpoint_with_secret(*made))

    return await answer_once(access, request, idempotency_key, work, holds_secret=True)


@router.get("", summary="List webhook endpoints")
async def list_endpoints(
    access: Reader,
    limit: Limit = 20,
    after: AfterEndpoint = None,
    status: Annotated[EndpointStatus | None, Query(description="Only those that stand so.")] = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> Response:
    """Those of the app, also those that are off; their secrets are not told again."""
    span = span_of("created", created_from, created_to)
    between = made_in("ep", span, access.app.zone, after)
    found, next_after = await read_list(access, after, _list, status, between, limit)
    return page_after(found, next_after)


@router.get("/{endpoint_id}", summary="Read a webhook endpoint")
async def read(endpoint_id: EndpointId, access: Reader) -> Response:
    """How well it answers: `failures` in a row, since when, and until when it is left alone."""
    endpoint = await access.runtime.db.read(endpoint_of_app, access.app.id, endpoint_id)
    return json_answer(msgspec.json.encode(endpoint_resource(endpoint)))


@router.patch("/{endpoint_id}", summary="Edit a webhook endpoint, turn it off or on")
async def edit(
    endpoint_id: EndpointId,
    body: EndpointEditBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Turned on again it hears what happens from then on; a resend since `missed_since` brings
    what it missed. `active` said of one that is active forgets its failures and ends its pause."""
    runtime, app, now = access.runtime, access.app, access.runtime.clock.now()
    change = EndpointChange(**_given(body))

    def work(tx: Transaction) -> tuple[int, bytes]:
        edited = edit_endpoint(tx, app, endpoint_id, change, runtime.targets, now)
        return 200, msgspec.json.encode(endpoint_resource(edited))

    return await answer_once(access, request, idempotency_key, work)


@router.delete("/{endpoint_id}", status_code=204, summary="Delete a webhook endpoint")
async def delete(
    endpoint_id: EndpointId,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """What waits for it is not sent any more."""
    app_id, now = access.app.id, access.runtime.clock.now()

    def work(tx: Transaction) -> tuple[int, bytes]:
        delete_endpoint(tx, app_id, endpoint_id, now)
        return 204, b""

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{endpoint_id}/roll-secret", summary="Roll a webhook endpoint's secret")
async def roll_secret(
    endpoint_id: EndpointId,
    access: Writer,
    request: Request,
    body: Annotated[RollSecretBody | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """The new secret signs at once, the old one beside it for `keep_hours`; 0 when it has leaked.
    While an older one signs, only 0 is taken. The `secret` in the answer is shown this once."""
    runtime, app_id, now = access.runtime, access.app.id, access.runtime.clock.now()
    keep_hours = (body or RollSecretBody()).keep_hours

    def work(tx: Transaction) -> tuple[int, bytes]:
        rolled = roll_endpoint_secret(tx, app_id, endpoint_id, keep_hours, runtime.secrets, now)
        return 200, msgspec.json.encode(endpoint_with_secret(*rolled))

    return await answer_once(access, request, idempotency_key, work, holds_secret=True)


@router.post("/{endpoint_id}/test", status_code=202, summary="Send a test event")
async def send(
    endpoint_id: EndpointId,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """An `endpoint.test` to this endpoint alone, whatever types it wants. It ends the endpoint's
    pause and is tried first. The delivery tells what came of it, some moments later."""
    app_id, now, real = access.app.id, access.now, access.runtime.clock.now()

    def work(tx: Transaction) -> tuple[int, bytes]:
        delivery = send_test(tx, app_id, endpoint_id, now, real)
        return 202, msgspec.json.encode(delivery_resource(delivery))

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{endpoint_id}/resend", status_code=202, summary="Send many events again")
async def resend(
    endpoint_id: EndpointId,
    body: ResendBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """All that failed for good or waits for its next attempt, or everything since an instant, by
    the events' own `timestamp`. It ends the endpoint's pause. They are queued 500 at a time, so
    that news never waits behind them; asked again meanwhile it gives the resend under way."""
    app_id, now = access.app.id, access.runtime.clock.now()

    def work(tx: Transaction) -> tuple[int, bytes]:
        begun = begin_resend(tx, app_id, endpoint_id, body.since, now)
        return 202, msgspec.json.encode(resend_resource(begun))

    return await answer_once(access, request, idempotency_key, work)


def _given(body: EndpointEditBody) -> dict[str, Any]:
    sent = body.model_dump(exclude_unset=True)
    if sent.get("types") is not None:
        sent["types"] = tuple(sent["types"])
    return sent


def _list(
    tx: Transaction, app_id: str, status: EndpointStatus | None, between: Between, limit: int
) -> tuple[list[EndpointResource], str | None]:
    page = page_of(tx, walk_endpoints(app_id, status), between, limit)
    found = tx.all(ENDPOINTS_LISTED, ids=page.ids)
    return [endpoint_resource(endpoint) for endpoint in found], page.next_after
