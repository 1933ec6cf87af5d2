"""`/v1/invoices`: what is owed, and the code that pays it."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Body, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.edit_invoice import edit_invoice
from payment_service.actions.issue_one_off import issue_one_off
from payment_service.actions.mark_paid import mark_paid
from payment_service.actions.open_charge import Code, open_charge
from payment_service.actions.void_invoice_by_hand import void_invoice_by_hand
from payment_service.kit.statements import Transaction
from payment_service.model.customer import CUSTOMER_BY_REFERENCE, customer_of_app
from payment_service.model.invoice import Kind, Line, Status, invoice_of_app
from payment_service.model.invoice_list import (
    INVOICES_BILLED,
    Billed,
    InvoiceFilter,
    billed_of_app,
    walk_invoices,
)
from payment_service.model.page import Between, page_of
from payment_service.model.plan import PLAN_BY_CODE
from payment_service.model.subscription import SUBSCRIPTION
from payment_service.resources import (
    Links,
    billed_resource,
    payment_resource,
    qris_resource,
)
from payment_service.web.access import Admin, Reader, Writer
from payment_service.web.api.bodies import (
    InvoiceBody,
    InvoiceEditBody,
    MarkPaidBody,
    QrisBody,
    ReasonBody,
)
from payment_service.web.api.lists import (
    AfterInvoice,
    Limit,
    OfCustomer,
    OfPlan,
    made_in,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import SUBSCRIPTION_ID, DayOfList, InvoiceId
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
    after: AfterInvoice = None,
    customer: OfCustomer = None,
    subscription: Annotated[
        str | None, Query(pattern=SUBSCRIPTION_ID, description="Only those of this subscription.")
    ] = None,
    plan: OfPlan = None,
    status: Annotated[Status | None, Query(description="Only those in this state.")] = None,
    kind: Annotated[Kind | None, Query(description="Only those of this kind.")] = None,
    issued_from: Annotated[DayOfList | None, Query(description="Issued then or later.")] = None,
    issued_to: Annotated[DayOfList | None, Query(description="Issued then or earlier.")] = None,
    due_from: Annotated[DayOfList | None, Query(description="Due then or later.")] = None,
    due_to: Annotated[DayOfList | None, Query(description="Due then or earlier.")] = None,
) -> Response:
    """Newest first. An invoice is overdue that is `open` and past its `due_on`. Days are local ones
    of the app's zone."""
    span = span_of("issued", issued_from, issued_to)
    between = made_in("inv", span, access.app.zone, after)
    wanted = InvoiceFilter(
        customer_id=customer,
        subscription_id=subscription,
        plan_id=plan,
        statuses=(status,) if status else (),
        kinds=(kind,) if kind else (),
        due=span_of("due", due_from, due_to),
    )
    found, next_after = await read_list(access, after, _list, wanted, between, limit)
    links = access.runtime.links
    return page_after([billed_resource(one, links) for one in found], next_after)


@router.get("/{invoice_id}", summary="Read an invoice")
async def read(invoice_id: InvoiceId, access: Reader) -> Response:
    """`amount_due` is what a code would ask for: the total less the credit that was applied."""
    billed = await access.runtime.db.read(billed_of_app, access.app.id, invoice_id)
    return json_answer(msgspec.json.encode(billed_resource(billed, access.runtime.links)))


@router.patch("/{invoice_id}", summary="Edit an invoice's metadata")
async def edit(
    invoice_id: InvoiceId,
    body: InvoiceEditBody,
    access: Writer,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """`metadata` is replaced whole; an empty object changes nothing. Nothing else of an invoice is
    ever edited, and no event tells of this."""
    app_id, links = access.app.id, access.runtime.links

    def work(tx: Transaction) -> tuple[int, bytes]:
        edit_invoice(tx, app_id, invoice_id, body.metadata)
        billed = billed_of_app(tx, app_id, invoice_id)
        return 200, msgspec.json.encode(billed_resource(billed, links))

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{invoice_id}/qris", summary="Ask for the invoice's QRIS code")
async def qris(
    invoice_id: InvoiceId,
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
    invoice_id: InvoiceId,
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
        metadata = invoice_of_app(tx, app_id, payment.invoice_id).metadata
        reference = customer_of_app(tx, app_id, payment.customer_id).reference
        return 201, msgspec.json.encode(payment_resource(payment, reference, metadata))

    return await answer_once(access, request, idempotency_key, work)


@router.post("/{invoice_id}/void", summary="Void an open invoice")
async def void(
    invoice_id: InvoiceId,
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
    tx: Transaction, app_id: str, wanted: InvoiceFilter, between: Between, limit: int
) -> tuple[list[Billed], str | None]:
    """`wanted` names customer and plan as the app does."""
    if wanted.customer_id is not None:
        customer = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=wanted.customer_id)
        if customer is None:
            return [], None
        wanted = wanted._replace(customer_id=customer.id)
    if wanted.plan_id is not None:
        plan = tx.one(PLAN_BY_CODE, app_id=app_id, code=wanted.plan_id)
        if plan is None:
            return [], None
        wanted = wanted._replace(plan_id=plan.id)
    if wanted.subscription_id is not None:
        subscription = tx.one(SUBSCRIPTION, id=wanted.subscription_id)
        if subscription is None or subscription.app_id != app_id:
            return [], None
    page = page_of(tx, walk_invoices(app_id, wanted), between, limit)
    return tx.all(INVOICES_BILLED, ids=page.ids), page.next_after
