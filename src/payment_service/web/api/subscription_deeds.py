"""`/v1/subscriptions/{id}/…`: what is done with a subscription that is there."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.cancel_subscription import cancel_subscription
from payment_service.actions.change_plan import change_plan
from payment_service.actions.extend_subscription import extend_subscription
from payment_service.actions.move_paid_through import move_paid_through
from payment_service.actions.open_charge import open_charge
from payment_service.actions.renew_early import renew_early
from payment_service.actions.resume_subscription import resume_subscription
from payment_service.actions.suspend_subscription import suspend_subscription
from payment_service.actions.undo_cancellation import undo_cancellation
from payment_service.kit.statements import Transaction
from payment_service.resources import SubscriptionResource, needs_no_code
from payment_service.web.access import Access, Admin, Writer
from payment_service.web.api.bodies import (
    CancelBody,
    ChangePlanBody,
    ExtendBody,
    MoveBody,
    PayAheadBody,
    ReasonBody,
)
from payment_service.web.api.invoices import code_answer
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import SubscriptionId
from payment_service.web.idempotency import IdempotencyKey, answer_after, answer_once

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], route_class=StrictRoute)


@router.post("/{subscription_id}/cancel", summary="Cancel a subscription")
async def cancel(
    subscription_id: SubscriptionId,
    access: Writer,
    request: Request,
    body: Annotated[CancelBody | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """At the end of its period unless told `now`; at once where no paid day is left.

    Its open invoices are void, and nothing is issued any more.
    """
    at_once = body is not None and body.at == "now"
    app_id, links, now = access.app.id, access.runtime.links, access.now

    def deed(tx: Transaction) -> SubscriptionResource:
        return cancel_subscription(tx, links, app_id, subscription_id, at_once=at_once, now=now)

    return await _done(access, request, idempotency_key, deed)


@router.post("/{subscription_id}/undo-cancel", summary="Undo a cancellation at the period's end")
async def undo_cancel(
    subscription_id: SubscriptionId,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A renewal that is due by now is issued at once."""
    app_id, links, now = access.app.id, access.runtime.links, access.now

    def deed(tx: Transaction) -> SubscriptionResource:
        return undo_cancellation(tx, links, app_id, subscription_id, now=now)

    return await _done(access, request, idempotency_key, deed)


@router.post("/{subscription_id}/change-plan", summary="Change a subscription's plan")
async def change(
    subscription_id: SubscriptionId,
    body: ChangePlanBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """With its next invoice, unless an upgrade is asked for `now`: that one takes effect when its
    `upgrade_invoice` is paid, today."""
    app_id, links, now = access.app.id, access.runtime.links, access.now

    def work(tx: Transaction) -> tuple[int, bytes]:
        done = change_plan(tx, links, app_id, subscription_id, body.plan, at=body.at, now=now)
        return 200, msgspec.json.encode(done)

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{subscription_id}/pay-ahead", summary="Ask for a code that pays ahead")
async def pay_ahead(
    subscription_id: SubscriptionId,
    body: PayAheadBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """For 1, 3, 6 or 12 periods, at the plan's price for so many; the open invoice is the first of
    them. When none is open the next renewal is issued at once.

    No idempotency key is needed: repeated calls get the one open code; with one the same code is
    told again. Without a code when credit covers the renewal and has paid it.
    """
    runtime, app_id, now = access.runtime, access.app.id, access.now

    async def deed() -> tuple[int, bytes]:
        invoice = await runtime.db.write(
            renew_early, runtime.links, app_id, subscription_id, body.periods, now
        )
        if invoice.status == "paid":
            return 200, msgspec.json.encode(needs_no_code(invoice, runtime.links))
        code = await open_charge(runtime, app_id, invoice.id, periods=body.periods)
        return code_answer(code, runtime.links)

    return await answer_after(access, request, idempotency_key, deed)


@router.post("/{subscription_id}/suspend", summary="Suspend a subscription by hand")
async def suspend(
    subscription_id: SubscriptionId,
    body: ReasonBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Access ends and time runs on; only `resume` lifts it. Needs the scope `admin`."""
    app_id, links, now = access.app.id, access.runtime.links, access.now
    by = access.by(body.reason)

    def deed(tx: Transaction) -> SubscriptionResource:
        return suspend_subscription(tx, links, app_id, subscription_id, by=by, now=now)

    return await _done(access, request, idempotency_key, deed)


@router.post("/{subscription_id}/resume", summary="Resume a subscription suspended by hand")
async def resume(
    subscription_id: SubscriptionId,
    body: ReasonBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Access is back while the period runs; else an invoice that counts from today is issued, and
    access comes with its payment. Needs the scope `admin`."""
    app_id, links, now = access.app.id, access.runtime.links, access.now
    by = access.by(body.reason)

    def deed(tx: Transaction) -> SubscriptionResource:
        return resume_subscription(tx, links, app_id, subscription_id, by=by, now=now)

    return await _done(access, request, idempotency_key, deed)


@router.post("/{subscription_id}/extend", summary="Extend a subscription by days")
async def extend(
    subscription_id: SubscriptionId,
    body: ExtendBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """From its last paid day, which becomes the anchor. Needs the scope `admin`."""
    app_id, links, now = access.app.id, access.runtime.links, access.now
    by, days = access.by(body.reason), body.days

    def deed(tx: Transaction) -> SubscriptionResource:
        return extend_subscription(tx, links, app_id, subscription_id, days=days, by=by, now=now)

    return await _done(access, request, idempotency_key, deed)


@router.post("/{subscription_id}/move", summary="Move a subscription's last paid day")
async def move(
    subscription_id: SubscriptionId,
    body: MoveBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """To a date from today to 36 months ahead, which becomes the anchor. Needs `admin`."""
    app_id, links, now = access.app.id, access.runtime.links, access.now
    by, to = access.by(body.reason), body.paid_through

    def deed(tx: Transaction) -> SubscriptionResource:
        return move_paid_through(tx, links, app_id, subscription_id, to=to, by=by, now=now)

    return await _done(access, request, idempotency_key, deed)


async def _done(
    access: Access,
    request: Request,
    key: str | None,
    deed: Callable[[Transaction], SubscriptionResource],
) -> Response:
    """The subscription as it stands after the deed."""

    def work(tx: Transaction) -> tuple[int, bytes]:
        return 200, msgspec.json.encode(deed(tx))

    return await answer_once(access, request, key, work)
