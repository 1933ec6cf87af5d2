"""`/v1/customers`: the app's tenants, and forgetting them."""

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.add_customer import add_customer
from payment_service.actions.edit_customer import CustomerChange, edit_customer
from payment_service.actions.forget_customer import forget_customer, forget_what_was_told
from payment_service.kit.statements import Transaction
from payment_service.model.customer import CUSTOMER_BY_REFERENCE, Customer, customer_of_app
from payment_service.model.customer_list import CUSTOMERS_LISTED, walk_customers
from payment_service.model.page import Between, page_of
from payment_service.resources import (
    CustomerResource,
    customer_resource,
)
from payment_service.web.access import Admin, Reader, Writer
from payment_service.web.api.bodies import CustomerBody, CustomerEditBody, ReasonBody
from payment_service.web.api.lists import (
    AfterCustomer,
    CreatedFrom,
    CreatedTo,
    Limit,
    OfCustomer,
    made_in,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import CustomerId
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(prefix="/v1/customers", tags=["customers"], route_class=StrictRoute)


@router.post("", status_code=201, summary="Add a customer")
async def add(
    body: CustomerBody, access: Writer, request: Request, idempotency_key: IdempotencyKey = None
) -> Response:
    """Before it buys anything: subscribing adds the customer too. 409 names the customer that has
    the reference already."""
    app_id, now = access.app.id, access.now
    told = body.model_dump(exclude={"reference"})

    def work(tx: Transaction) -> tuple[int, bytes]:
        return 201, _told(add_customer(tx, app_id, body.reference, told, now))

    return await answer_once(access, request, idempotency_key, work)


@router.get("", summary="List customers")
async def list_customers(
    access: Reader,
    limit: Limit = 20,
    after: AfterCustomer = None,
    reference: OfCustomer = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> Response:
    """Newest first. With `reference` the one customer that has it, or none."""
    span = span_of("created", created_from, created_to)
    between = made_in("cus", span, access.app.zone, after)
    found, next_after = await read_list(access, after, _list, reference, between, limit)
    return page_after([customer_resource(one) for one in found], next_after)


@router.get("/{customer_id}", summary="Read a customer")
async def read(customer_id: CustomerId, access: Reader) -> Response:
    """`forgotten` says that its name, email, phone and metadata were blanked for good."""
    return json_answer(
        _told(await access.runtime.db.read(customer_of_app, access.app.id, customer_id))
    )


@router.patch("/{customer_id}", summary="Edit a customer")
async def edit(
    customer_id: CustomerId,
    body: CustomerEditBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Only what is sent is changed; null clears name, email or phone, and an empty object changes
    nothing. `metadata` is replaced whole. Invoices that were issued stay as they are, and no event
    tells of it. 409 for a customer that was forgotten."""
    app_id = access.app.id
    change = CustomerChange(**body.model_dump(exclude_unset=True))

    def work(tx: Transaction) -> tuple[int, bytes]:
        return 200, _told(edit_customer(tx, app_id, customer_id, change))

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{customer_id}/forget", summary="Forget a customer")
async def forget(
    customer_id: CustomerId,
    body: ReasonBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Blanks name, email, phone and metadata, also in stored events, for good. Needs the scope
    `admin`. 409 while the customer has an open subscription; again it changes nothing."""
    app_id, by = access.app.id, access.by(body.reason)

    def work(tx: Transaction) -> tuple[int, bytes]:
        return 200, _told(forget_customer(tx, app_id, customer_id, by=by))

    answer = await answer_once(access, request, idempotency_key, work)
    customer = await access.runtime.db.read(customer_of_app, app_id, customer_id)
    await forget_what_was_told(access.runtime, customer)
    return answer


def _told(customer: Customer) -> bytes:
    resource: CustomerResource = customer_resource(customer)
    return msgspec.json.encode(resource)


def _list(
    tx: Transaction, app_id: str, reference: str | None, between: Between, limit: int
) -> tuple[list[Customer], str | None]:
    if reference is not None:
        found = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=reference)
        is_in = found is not None and between.floor <= found.id < between.before
        return ([found] if found is not None and is_in else []), None
    page = page_of(tx, walk_customers(app_id), between, limit)
    return tx.all(CUSTOMERS_LISTED, ids=page.ids), page.next_after
