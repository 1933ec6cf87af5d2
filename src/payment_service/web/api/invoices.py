"""`/v1/invoices`: what is owed, and the code that pays it."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Body, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.issue_one_off import issue_one_off
from payment_service.actions.mark_paid import mark_paid
from payment_service.actions.open_charge import Code, open_charge
from payment_service.actions.void_invoice_by_hand import void_invoice_by_hand
from payment_service.kit.errors import Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.customer import CUSTOMER_BY_REFERENCE
from payment_service.model.invoice import Invoice, Line, invoice_of_app
from payment_service.model.invoice_list import INVOICES_OF_APP, INVOICES_OF_CUSTOMER
from payment_service.resources import (
    Links,
    invoice_resource,
    payment_resource,
    qris_resource,
)
from payment_service.web.access import Admin, Reader, Writer
from payment_service.web.api.bodies import InvoiceBody, MarkPaidBody, QrisBody, ReasonBody
from payment_service.web.api.lists import NEWEST, After, Limit, page
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.idempotency import IdempotencyKey, answer_after, answer_once, json_answer

router = APIRouter(prefix="/v1/invoices", tags=["invoices"], route_class=StrictRoute)


@router.post("", status_code=201, summary="Issue an invoice of its own")
async def create(
    body: InvoiceBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """For something else than a period. A discount is a negative line; the total is what one
    code can ask for. Paying it moves no subscription."""
    app, links, now = access.app, access.runtime.links, access.now
    lines = [Line(line.description, line.amount) for line in body.lines]

    def work(tx: Transaction) -> tuple[int, bytes]:
        issued = issue_one_off(
            tx,
            links,
            app,
            body.customer.reference,
            lines=lines,
            due_on=body.due_on,
            metadata=body.metadata,
            now=now,
            customer_told=body.customer.model_dump(exclude={"reference"}),
        )
        return 201, msgspec.json.encode(issued)

    return await answer_once(access, request, idempotency_key, work)


@router.get("", summary="List invoices")
async def list_invoices(
    access: Reader,
    limit: Limit = 20,
    after: After = None,
    customer: Annotated[
        str | None, Query(max_length=200, description="Only those of your own reference.")
    ] = None,
    status: Annotated[
        Literal["open", "paid", "void"] | None, Query(description="With a customer.")
    ] = None,
) -> Response:
    if status is not None and customer is None:
        raise Invalid("status_without_customer", "Name the customer whose invoices you want.")
    links = access.runtime.links
    found = await access.runtime.db.read(
        _list, access.app.id, customer, status, after or NEWEST, limit + 1
    )
    return page([invoice_resource(invoice, links) for invoice in found], limit)


@router.get("/{invoice_id}", summary="Read an invoice")
async def read(invoice_id: str, access: Reader) -> Response:
    invoice = await access.runtime.db.read(invoice_of_app, access.app.id, invoice_id)
    return json_answer(msgspec.json.encode(invoice_resource(invoice, access.runtime.links)))


@router.post("/{invoice_id}/qris", summary="Ask for the invoice's QRIS code")
async def qris(
    invoice_id: str,
    access: Writer,
    request: Request,
    body: Annotated[QrisBody | None, Body()] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Concurrent and repeated calls get the one open code while it lives long enough.

    No idempotency key is needed; with one the same code is told again, even when it is over. 503
    with Retry-After when the gateway gives no code; the invoice stays as it is.
    """
    periods = body.periods if body is not None else 1

    async def deed() -> tuple[int, bytes]:
        code = await open_charge(access.runtime, access.app.id, invoice_id, periods=periods)
        return code_answer(code, access.runtime.links)

    return await answer_after(access, request, idempotency_key, deed)


def code_answer(code: Code, links: Links) -> tuple[int, bytes]:
    """A code as `QrisResource`."""
    resource = qris_resource(
        code.charge, code.invoice, links, qr_string=code.qr_string, expires_at=code.expires_at
    )
    return 200, msgspec.json.encode(resource)


@router.post("/{invoice_id}/mark-paid", status_code=201, summary="Mark an invoice as paid")
async def mark(
    invoice_id: str,
    body: MarkPaidBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """For cash or a bank transfer that a person saw come. Needs the scope `admin`.

    The reference is unique in the app: 409 names the payment that has it already.
    """
    app_id, links, now = access.app.id, access.runtime.links, access.now
    by = access.by(body.note)

    def work(tx: Transaction) -> tuple[int, bytes]:
        payment = mark_paid(
            tx,
            links,
            app_id,
            invoice_id,
            reference=body.reference,
            paid_on=body.paid_on,
            by=by,
            now=now,
        )
        return 201, msgspec.json.encode(payment_resource(payment))

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{invoice_id}/void", summary="Void an open invoice")
async def void(
    invoice_id: str,
    body: ReasonBody,
    access: Admin,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Needs the scope `admin`. A pending subscription expires with its first invoice; a renewal
    is issued afresh by the next billing run."""
    app_id, links, now = access.app.id, access.runtime.links, access.now
    by = access.by(body.reason)

    def work(tx: Transaction) -> tuple[int, bytes]:
        voided = void_invoice_by_hand(tx, links, app_id, invoice_id, by=by, now=now)
        return 200, msgspec.json.encode(voided)

    return await answer_once(access, request, idempotency_key, work)


def _list(
    tx: Transaction, app_id: str, reference: str | None, status: str | None, before: str, limit: int
) -> list[Invoice]:
    if reference is None:
        return tx.all(INVOICES_OF_APP, app_id=app_id, before=before, limit=limit)
    customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=reference)
    if customer is None:
        return []
    return tx.all(
        INVOICES_OF_CUSTOMER, customer_id=customer.id, status=status, before=before, limit=limit
    )
