"""`/v1/payments`: the money that came."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.invoice import INVOICE
from payment_service.model.page import Between, page_of
from payment_service.model.payment import Outcome
from payment_service.model.payment_list import RECEIVED, PaymentFilter, Received, walk_payments
from payment_service.resources import received_resource
from payment_service.web.access import Reader
from payment_service.web.api.lists import NEWEST, After, Limit, OfCustomer, page_after, span_of
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import INVOICE_ID, DayOfList, PaymentId
from payment_service.web.idempotency import json_answer

router = APIRouter(prefix="/v1/payments", tags=["payments"], route_class=StrictRoute)


@router.get("", summary="List payments")
async def list_payments(
    access: Reader,
    limit: Limit = 20,
    after: After = None,
    customer: OfCustomer = None,
    invoice: Annotated[
        str | None, Query(pattern=INVOICE_ID, description="Only those that came for this invoice.")
    ] = None,
    outcome: Annotated[
        Outcome | None, Query(description="Only those that this became of when they came.")
    ] = None,
    paid_from: Annotated[DayOfList | None, Query(description="Paid then or later.")] = None,
    paid_to: Annotated[DayOfList | None, Query(description="Paid then or earlier.")] = None,
) -> Response:
    """In the order in which they were booked, newest first. `paid_from` and `paid_to` are local
    days of the app's zone: of money that was found late, the day on which it was paid."""
    wanted = PaymentFilter(
        customer_id=customer,
        invoice_id=invoice,
        outcome=outcome,
        paid=span_of("paid", paid_from, paid_to),
    )
    found, next_after = await access.runtime.db.read(
        _list, access.app.id, wanted, Between(after or NEWEST), limit
    )
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
    """`wanted` names the customer as the app does."""
    if wanted.customer_id is not None:
        customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=wanted.customer_id)
        if customer is None:
            return [], None
        wanted = wanted._replace(customer_id=customer.id)
    if wanted.invoice_id is not None:
        invoice = tx.one(INVOICE, id=wanted.invoice_id)
        if invoice is None or invoice.app_id != app_id:
            return [], None
    page = page_of(tx, walk_payments(app_id, wanted), between, limit)
    return tx.all(RECEIVED, ids=page.ids), page.next_after
