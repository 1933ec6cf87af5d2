"""`/v1/app`: the app that the key belongs to."""

from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.edit_app import AppChange, edit_app
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, Seller
from payment_service.resources import app_resource
from payment_service.web.access import Admin, Reader
from payment_service.web.api.bodies import AppEditBody
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(prefix="/v1/app", tags=["app"], route_class=StrictRoute)


@router.get("", summary="Read the app")
async def read_app(access: Reader) -> Response:
    """The app that the key belongs to: how it bills, what payers see of it, and whether its gateway
    has what it needs. Secrets are never shown."""
    return json_answer(_told(access.app))


@router.patch("", summary="Edit the app")
async def edit(
    body: AppEditBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Only what is sent is changed; an empty object changes nothing. What is open keeps the
    schedule and the seller it was issued with. The zone stays once somebody has subscribed, the
    prefix of invoice numbers once one was issued: 409. Needs the scope `admin`; the audit log
    keeps which key did it. The gateway is set up by the operator."""
    app_id, targets, by = access.app.id, access.runtime.targets, access.by(body.reason)
    sent: dict[str, Any] = body.model_dump(exclude_unset=True, exclude={"reason"})
    if "seller" in sent:
        sent["seller"] = Seller(**sent["seller"])
    for name in ("reminder_days", "return_origins"):
        if name in sent:
            sent[name] = tuple(sent[name])
    change = AppChange(**sent)

    def work(tx: Transaction) -> tuple[int, bytes]:
        return 200, _told(edit_app(tx, app_id, change, targets, by))

    return await answer_once(access, request, idempotency_key, work)


def _told(app: App) -> bytes:
    return msgspec.json.encode(app_resource(app))
