"""`/v1/customers`: what is owed to a tenant, paying it back, forgetting it."""

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.forget_customer import forget_customer, forget_what_was_told
from payment_service.actions.refund_credit import refund_credit
from payment_service.kit.statements import Transaction
from payment_service.model.credit import ENTRIES_OF_CUSTOMER, balance
from payment_service.model.customer import customer_of_app
from payment_service.resources import CreditResource, CustomerResource, credit_resource
from payment_service.web.access import Admin, Reader
from payment_service.web.api.bodies import ReasonBody, RefundBody
from payment_service.web.api.lists import NEWEST, After, Limit
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(prefix="/v1/customers", tags=["customers"], route_class=StrictRoute)


@router.get("/{customer_id}/credit", summary="Read a customer's credit")
async def credit(
    customer_id: str, access: Reader, limit: Limit = 20, after: After = None
) -> Response:
    """The balance in rupiah, and its entries, newest first."""
    found = await access.runtime.db.read(
        _credit, access.app.id, customer_id, after or NEWEST, limit
    )
    return json_answer(msgspec.json.encode(found))


@router.post("/{customer_id}/refunds", status_code=201, summary="Book a refund of credit")
async def refund(
    customer_id: str,
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
        )
        return 201, msgspec.json.encode(done)

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{customer_id}/forget", summary="Forget a customer")
async def forget(
    customer_id: str,
    body: ReasonBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Blanks name, email, phone and metadata, also in stored events, for good. Needs the scope
    `admin`. 409 while the customer has an open subscription; again it changes nothing."""
    app_id, by = access.app.id, access.by(body.reason)

    def work(tx: Transaction) -> tuple[int, bytes]:
        blank = forget_customer(tx, app_id, customer_id, by=by)
        told = CustomerResource(blank.id, blank.reference, blank.name)
        return 200, msgspec.json.encode(told)

    answer = await answer_once(access, request, idempotency_key, work)
    customer = await access.runtime.db.read(customer_of_app, app_id, customer_id)
    await forget_what_was_told(access.runtime, customer)
    return answer


def _credit(
    tx: Transaction, app_id: str, customer_id: str, before: str, limit: int
) -> CreditResource:
    customer = customer_of_app(tx, app_id, customer_id)
    entries = tx.all(ENTRIES_OF_CUSTOMER, customer_id=customer.id, before=before, limit=limit + 1)
    return credit_resource(customer.id, balance(tx, customer.id), entries, limit)
