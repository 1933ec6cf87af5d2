"""`/v1/invoices`: what is owed, and the code that pays it."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from payment_service.actions.mark_paid import mark_paid
from payment_service.actions.open_charge import open_charge
from payment_service.kit.statements import Transaction
from payment_service.model.invoice import invoice_of_app
from payment_service.resources import invoice_resource, payment_resource, qris_resource
from payment_service.web.access import Admin, Reader, Writer
from payment_service.web.api.bodies import MarkPaidBody, QrisBody
from payment_service.web.api.strict_json import StrictRoute
from payment_service.web.idempotency import IdempotencyKey, answer_once, json_answer

router = APIRouter(prefix="/v1/invoices", tags=["invoices"], route_class=StrictRoute)


@router.get("/{invoice_id}", summary="Read an invoice")
async def read(invoice_id: str, access: Reader) -> Response:
    invoice = await access.runtime.db.read(invoice_of_app, access.app.id, invoice_id)
    return json_answer(msgspec.json.encode(invoice_resource(invoice, access.runtime.links)))


@router.post("/{invoice_id}/qris", summary="Ask for the invoice's QRIS code")
async def qris(
    invoice_id: str, access: Writer, _: Annotated[QrisBody | None, Body()] = None
) -> Response:
    """Concurrent and repeated calls get the one open code while it lives long enough.

    No idempotency key is needed. 503 with Retry-After when the gateway gives no code; the
    invoice stays as it is.
    """
    code = await open_charge(access.runtime, access.app.id, invoice_id)
    resource = qris_resource(
        code.charge,
        code.invoice,
        access.runtime.links,
        qr_string=code.qr_string,
        expires_at=code.expires_at,
    )
    return json_answer(msgspec.json.encode(resource))


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

    def work(tx: Transaction) -> tuple[int, bytes]:
        payment = mark_paid(
            tx,
            links,
            app_id,
            invoice_id,
            reference=body.reference,
            note=body.note,
            paid_on=body.paid_on,
            now=now,
        )
        return 201, msgspec.json.encode(payment_resource(payment))

    return await answer_once(access, request, idempotency_key, work)
