"""`/v1/plans`: what an app sells."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.archive_plan import archive_plan
from payment_service.actions.edit_plan import PlanChange, edit_plan
from payment_service.actions.move_subscribers import move_subscribers
from payment_service.kit.errors import Forbidden
from payment_service.kit.statements import Transaction
from payment_service.model.audit import checked_reason
from payment_service.model.page import Between, page_of
from payment_service.model.plan import PLAN_BY_CODE, Plan, plan_of_app
from payment_service.model.plan_list import PLANS_LISTED, walk_plans
from payment_service.resources import plan_resource
from payment_service.web.access import Reader, Writer
from payment_service.web.api.bodies import PlanBody, PlanEditBody
from payment_service.web.api.lists import (
    AfterPlan,
    CreatedFrom,
    CreatedTo,
    Limit,
    made_in,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import CODE, PlanId
from payment_service.web.idempotency import IdempotencyKey, answer_after, answer_once, json_answer

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=StrictRoute)


@router.post("", status_code=201, summary="Add a plan")
async def add(
    body: PlanBody, access: Writer, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    """`code` is yours, and how subscriptions name the plan. Whatever stands in `features` comes
    back with every subscription; the service reads nothing of it."""
    wanted = NewPlan(**body.model_dump(exclude={"currency"}))
    app_id, now = access.app.id, access.now

    def work(tx: Transaction) -> tuple[int, bytes]:
        return 201, _told(add_plan(tx, app_id, wanted, now))

    return await answer_once(access, request, idempotency_key, work)


@router.get("", summary="List plans")
async def list_plans(
    access: Reader,
    limit: Limit = 20,
    after: AfterPlan = None,
    code: Annotated[
        str | None, Query(max_length=50, pattern=CODE, description="The one with this code.")
    ] = None,
    archived: Annotated[
        bool | None, Query(description="Only those that are sold, `false`, or are not, `true`.")
    ] = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> Response:
    """Newest first; without a filter the archived ones too."""
    span = span_of("created", created_from, created_to)
    between = made_in("plan", span, access.app.zone, after)
    found, next_after = await read_list(access, after, _list, code, archived, between, limit)
    return page_after([plan_resource(plan) for plan in found], next_after)


@router.get("/{plan_id}", summary="Read a plan")
async def read(plan_id: PlanId, access: Reader) -> Response:
    """An archived plan can be read for good: subscriptions may be on it."""
    return json_answer(_told(await access.runtime.db.read(plan_of_app, access.app.id, plan_id)))


@router.patch("/{plan_id}", summary="Edit, archive or bring back a plan")
async def edit(
    plan_id: PlanId,
    body: PlanEditBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Only what is sent is changed; an empty object changes nothing. Only `grace_days` may be null,
    which is the app's. `metadata` and `features` are replaced whole. What was sold stays as it was
    sold. With `move_subscribers` a price reaches subscribers too, each with the next invoice; that
    needs the scope `admin` and a reason.
    """
    if body.move_subscribers and "admin" not in access.key.scopes:
        raise Forbidden("scope_missing", "Moving subscribers needs a key with the scope “admin”.")
    by = access.by(body.reason or "")
    if body.move_subscribers:
        checked_reason(by)
    app_id, now = access.app.id, access.now
    sent = body.model_dump(exclude_unset=True, exclude={"archived", "move_subscribers", "reason"})
    change, archived = PlanChange(**sent), body.archived

    def work(tx: Transaction) -> tuple[int, bytes]:
        plan = edit_plan(tx, app_id, plan_id, change)
        if archived is not None:
            plan = archive_plan(tx, app_id, plan_id, now, is_sold=not archived)
        return 200, _told(plan)

    async def and_move() -> tuple[int, bytes]:
        edited = await access.runtime.db.write(work)
        await move_subscribers(access.runtime, app_id, plan_id, by)
        return edited

    if body.move_subscribers:
        return await answer_after(access, request, idempotency_key, and_move)
    return await answer_once(access, request, idempotency_key, work)


def _told(plan: Plan) -> bytes:
    return msgspec.json.encode(plan_resource(plan))


def _list(
    tx: Transaction,
    app_id: str,
    code: str | None,
    archived: bool | None,
    between: Between,
    limit: int,
) -> tuple[list[Plan], str | None]:
    if code is not None:
        found = tx.one(PLAN_BY_CODE, app_id=app_id, code=code)
        if found is None or not between.floor <= found.id < between.before:
            return [], None
        fits = archived is None or archived == (found.archived_at is not None)
        return ([found] if fits else []), None
    page = page_of(tx, walk_plans(app_id, archived=archived), between, limit)
    return tx.all(PLANS_LISTED, ids=page.ids), page.next_after
