"""`/v1/customers/{id}/credit` and `…/refunds`: what is owed to a customer, and paying it back."""

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.refund_credit import refund_credit
from payment_service.kit.statements import Transaction
from payment_service.model.credit import ENTRIES_DOWN_TO, balance
from payment_service.model.customer import customer_of_app
from payment_service.model.page import Between
from payment_service.resources import CreditResource, credit_resource
from payment_service.web.access import Admin, Reader
from payment_service.web.api.bodies import RefundBody
from payment_service.web.api.lists import (
    AfterEntry,
    CreatedFrom,
    CreatedTo,
    Limit,
    made_in,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import CustomerId
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(prefix="/v1/customers", tags=["credit"], route_class=StrictRoute)


@router.get("/{customer_id}/credit", summary="Read a customer's credit")
async def credit(
    customer_id: CustomerId,
    access: Reader,
    limit: Limit = 20,
    after: AfterEntry = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> Response:
    """The balance in rupiah, of all that ever was, and its entries, newest first."""
    span = span_of("created", created_from, created_to)
    between = made_in("crd", span, access.app.zone, after)
    found = await read_list(access, after, _credit, customer_id, between, limit)
    return json_answer(msgspec.json.encode(found))


@router.post("/{customer_id}/refunds", status_code=201, summary="Book a refund of credit")
async def refund(
    customer_id: CustomerId,
    body: RefundBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """After a person sent the money back. Needs the scope `admin`.

    The reference is unique in the app: 409 names the refund that has it already. Never more than
    the credit: 409.
    """
    app_id, by, now = access.app.id, access.by(body.note), access.now

    def work(tx: Transaction) -> tuple[int, bytes]:
        done = refund_credit(
            tx,
            app_id,
            customer_id,
            amount=body.amount,
            reference=body.reference,
            by=by,
            now=now,
            metadata=body.metadata,
        )
        return 201, msgspec.json.encode(done)

    return await answer_once(access, request, idempotency_key, work)


def _credit(
    tx: Transaction, app_id: str, customer_id: str, between: Between, limit: int
) -> CreditResource:
    customer = customer_of_app(tx, app_id, customer_id)
    page = {"customer_id": customer.id, **between._asdict(), "limit": limit + 1}
    entries = tx.all(ENTRIES_DOWN_TO, **page)
    return credit_resource(customer.id, balance(tx, customer.id), entries, limit)
