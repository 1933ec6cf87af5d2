"""`/v1/plans`: what an app sells."""

from datetime import datetime

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.archive_plan import archive_plan
from payment_service.actions.edit_plan import PlanChange, edit_plan
from payment_service.actions.move_subscribers import move_subscribers
from payment_service.kit.errors import Forbidden
from payment_service.kit.statements import Transaction
from payment_service.model.audit import checked_reason
from payment_service.model.plan import PLANS_OF_APP, plan_of_app
from payment_service.resources import PlanResource, plan_resource
from payment_service.web.access import Reader, Writer
from payment_service.web.api.bodies import PlanBody, PlanEditBody
from payment_service.web.api.lists import NEWEST, After, Limit, page
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.idempotency import IdempotencyKey, answer_after, answer_once, json_answer

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=StrictRoute)


@router.post("", status_code=201, summary="Add a plan")
async def add(
    body: PlanBody, access: Writer, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    wanted = NewPlan(**body.model_dump(exclude={"currency"}))
    now = access.now
    app_id = access.app.id
    return await answer_once(
        access, request, idempotency_key, lambda tx: _add(tx, app_id, wanted, now)
    )


@router.get("", summary="List plans")
async def list_plans(access: Reader, limit: Limit = 20, after: After = None) -> Response:
    found = await access.runtime.db.read(_list, access.app.id, after or NEWEST, limit + 1)
    return page(found, limit)


@router.get("/{plan_id}", summary="Read a plan")
async def read(plan_id: str, access: Reader) -> Response:
    plan = await access.runtime.db.read(plan_of_app, access.app.id, plan_id)
    return json_answer(msgspec.json.encode(plan_resource(plan)))


@router.patch("/{plan_id}", summary="Edit, archive or bring back a plan")
async def edit(
    plan_id: str,
    body: PlanEditBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """What was sold stays as it was sold. With `move_subscribers` a price reaches subscribers too,
    each with the next invoice; that needs the scope `admin` and a reason.
    """
    if body.move_subscribers and "admin" not in access.key.scopes:
        raise Forbidden("scope_missing", "Moving subscribers needs a key with the scope “admin”.")
    by = access.by(body.reason or "")
    if body.move_subscribers:
        checked_reason(by)
    db, app_id = access.runtime.db, access.app.id
    sent = body.model_dump(exclude_unset=True, exclude={"archived", "move_subscribers", "reason"})
    change = PlanChange(
        **{name: one for name, one in sent.items() if one is not None or name == "grace_days"}
    )
    now = access.now

    def work(tx: Transaction) -> tuple[int, bytes]:
        plan = edit_plan(tx, app_id, plan_id, change)
        if body.archived is not None:
            plan = archive_plan(tx, app_id, plan_id, now, is_sold=not body.archived)
        return 200, msgspec.json.encode(plan_resource(plan))

    async def and_move() -> tuple[int, bytes]:
        edited = await db.write(work)
        await move_subscribers(access.runtime, app_id, plan_id, by)
        return edited

    if body.move_subscribers:
        return await answer_after(access, request, idempotency_key, and_move)
    return await answer_once(access, request, idempotency_key, work)


def _add(tx: Transaction, app_id: str, wanted: NewPlan, now: datetime) -> tuple[int, bytes]:
    return 201, msgspec.json.encode(plan_resource(add_plan(tx, app_id, wanted, now)))


def _list(tx: Transaction, app_id: str, before: str, limit: int) -> list[PlanResource]:
    return [
        plan_resource(plan)
        for plan in tx.all(PLANS_OF_APP, app_id=app_id, before=before, limit=limit)
    ]
