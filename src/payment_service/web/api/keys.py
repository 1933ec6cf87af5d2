"""`/v1/keys`: an app's API keys, for whoever may do everything with it."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Body, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.create_key import create_key
from payment_service.actions.revoke_key import revoke_key
from payment_service.actions.roll_key import roll_key
from payment_service.kit.statements import Transaction
from payment_service.model.key import KeyStatus, key_of_app
from payment_service.model.key_list import KEYS_LISTED, walk_keys
from payment_service.model.page import Between, page_of
from payment_service.resources import KeyResource, key_resource, new_key_resource
from payment_service.web.access import Admin
from payment_service.web.api.key_bodies import KeyBody, RollKeyBody
from payment_service.web.api.lists import (
    AfterKey,
    CreatedFrom,
    CreatedTo,
    Limit,
    made_in,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=StrictRoute)


@router.get("", summary="List the app's keys")
async def list_keys(
    access: Admin,
    limit: Limit = 20,
    after: AfterKey = None,
    status: Annotated[KeyStatus | None, Query(description="Only those that stand so now.")] = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> Response:
    """Without their secrets, which nobody has but you. Revoked and expired ones too."""
    now = access.runtime.clock.now()
    span = span_of("created", created_from, created_to)
    between = made_in("key", span, access.app.zone, after)
    found, next_after = await read_list(access, after, _list, status, between, limit, now)
    return page_after(found, next_after)


@router.post("", status_code=201, summary="Make a key")
async def create(
    body: KeyBody, access: Admin, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    """Its `secret` is in this answer and never again. Without `scopes` it may `read` and `write`;
    `admin` only when it is asked for."""
    app_id, by = access.app.id, access.by("asked for in the API")

    def work(tx: Transaction) -> tuple[int, bytes]:
        key, secret = create_key(
            tx,
            app_id,
            body.name,
            body.scopes,
            by.at,
            expires_at=body.expires_at,
            metadata=body.metadata,
            by=by,
        )
        return 201, msgspec.json.encode(new_key_resource(key, secret, by.at))

    return await answer_once(access, request, idempotency_key, work, holds_secret=True)


@router.get("/{key_id}", summary="Read a key")
async def read(key_id: str, access: Admin) -> Response:
    """What it may do and when it was last used; the key itself is never told again."""
    runtime = access.runtime
    key = await runtime.db.read(key_of_app, access.app.id, key_id)
    return json_answer(msgspec.json.encode(key_resource(key, runtime.clock.now())))


@router.post("/{key_id}/roll", status_code=201, summary="Roll a key")
async def roll(
    key_id: str,
    access: Admin,
    request: Request,
    body: Annotated[RollKeyBody | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A new key of the same name and scopes; its `secret` is in this answer and never again. The
    old one ends after `ends_in` seconds, a day unless told."""
    app_id, by = access.app.id, access.by("asked for in the API")
    ends_in = (body or RollKeyBody()).ends_in

    def work(tx: Transaction) -> tuple[int, bytes]:
        key, secret = roll_key(tx, key_of_app(tx, app_id, key_id), ends_in, by)
        return 201, msgspec.json.encode(new_key_resource(key, secret, by.at))

    return await answer_once(access, request, idempotency_key, work, holds_secret=True)


@router.post("/{key_id}/revoke", summary="Revoke a key")
async def revoke(
    key_id: str, access: Admin, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    """It is refused from the next request on, for good. Again it changes nothing."""
    app_id, by = access.app.id, access.by("asked for in the API")

    def work(tx: Transaction) -> tuple[int, bytes]:
        key = revoke_key(tx, key_of_app(tx, app_id, key_id), by)
        return 200, msgspec.json.encode(key_resource(key, by.at))

    return await answer_once(access, request, idempotency_key, work)


def _list(
    tx: Transaction,
    app_id: str,
    status: KeyStatus | None,
    between: Between,
    limit: int,
    now: datetime,
) -> tuple[list[KeyResource], str | None]:
    page = page_of(tx, walk_keys(app_id, status, now), between, limit)
    keys = tx.all(KEYS_LISTED, ids=page.ids)
    return [key_resource(key, now) for key in keys], page.next_after
