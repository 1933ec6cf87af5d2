"""`/v1/payments`: the money that came."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.invoice import INVOICE
from payment_service.model.page import NEWEST, Between, page_of
from payment_service.model.payment_list import RECEIVED, PaymentFilter, Received, walk_payments
from payment_service.model.plan import PLAN_BY_CODE
from payment_service.model.subscription import SUBSCRIPTION
from payment_service.resources import received_resource
from payment_service.web.access import Reader
from payment_service.web.api.lists import (
    AfterPayment,
    Limit,
    OfCustomer,
    OfOutcome,
    OfPlan,
    PaidFrom,
    PaidTo,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import INVOICE_ID, SUBSCRIPTION_ID, PaymentId
from payment_service.web.idempotency import json_answer

router = APIRouter(prefix="/v1/payments", tags=["payments"], route_class=StrictRoute)


@router.get("", summary="List payments")
async def list_payments(
    access: Reader,
    limit: Limit = 20,
    after: AfterPayment = None,
    customer: OfCustomer = None,
    subscription: Annotated[
        str | None, Query(pattern=SUBSCRIPTION_ID, description="Only those of this subscription.")
    ] = None,
    invoice: Annotated[
        str | None, Query(pattern=INVOICE_ID, description="Only those that came for this invoice.")
    ] = None,
    plan: OfPlan = None,
    outcome: OfOutcome = None,
    paid_from: PaidFrom = None,
    paid_to: PaidTo = None,
) -> Response:
    """In the order in which they were booked, newest first. `paid_from` and `paid_to` are local
    days of the app's zone: of money that was found late, the day on which it was paid. `plan` and
    `subscription` are those of the invoice it came for."""
    wanted = PaymentFilter(
        customer_id=customer,
        invoice_id=invoice,
        plan_id=plan,
        subscription_id=subscription,
        outcome=outcome,
        paid=span_of("paid", paid_from, paid_to),
    )
    between = Between(after or NEWEST)
    found, next_after = await read_list(access, after, _list, wanted, between, limit)
    return page_after([received_resource(one) for one in found], next_after)


@router.get("/{payment_id}", summary="Read a payment")
async def read(payment_id: PaymentId, access: Reader) -> Response:
    """A payment is never changed. `outcome` is what became of it when it came: `settled` paid the
    invoice, `credited` is the customer's credit whole, `needs_review` waits for a person."""
    found = await access.runtime.db.read(_read, access.app.id, payment_id)
    return json_answer(msgspec.json.encode(received_resource(found)))


def _read(tx: Transaction, app_id: str, payment_id: str) -> Received:
    found = tx.one(RECEIVED, ids=[payment_id])
    if found is None or found.payment.app_id != app_id:
        raise NotFound("payment_not_found", "There is no payment with this id.")
    return found


def _list(
    tx: Transaction, app_id: str, wanted: PaymentFilter, between: Between, limit: int
) -> tuple[list[Received], str | None]:
    """`wanted` names customer and plan as the app does."""
    if wanted.customer_id is not None:
        customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=wanted.customer_id)
        if customer is None:
            return [], None
        wanted = wanted._replace(customer_id=customer.id)
    if wanted.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION, id=wanted.subscription_id)
        if subscription is None or subscription.app_id != app_id:
            return [], None
        if wanted.customer_id not in (None, subscription.customer_id):
            return [], None
        wanted = wanted._replace(customer_id=subscription.customer_id)
    if wanted.plan_id is not None:
        plan = tx.one(PLAN_BY_CODE, app_id=app_id, code=wanted.plan_id)
        if plan is None:
            return [], None
        wanted = wanted._replace(plan_id=plan.id)
    if wanted.invoice_id is not None:
        invoice = tx.one(INVOICE, id=wanted.invoice_id)
        if invoice is None or invoice.app_id != app_id:
            return [], None
    page = page_of(tx, walk_payments(app_id, wanted), between, limit)
    return tx.all(RECEIVED, ids=page.ids), page.next_after
