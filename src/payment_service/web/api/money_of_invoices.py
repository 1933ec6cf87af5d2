"""`/v1/invoices/{id}/charges` and `…/payments`: what was asked for an invoice, and what came."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from payment_service.kit.statements import Transaction
from payment_service.model.charge import Status
from payment_service.model.invoice import invoice_of_app
from payment_service.model.page import NEWEST, Between, page_of
from payment_service.model.payment_list import (
    CHARGES_LISTED,
    RECEIVED,
    Asked,
    PaymentFilter,
    Received,
    walk_charges,
    walk_payments,
)
from payment_service.resources import charge_resource, received_resource
from payment_service.web.access import Reader
from payment_service.web.api.lists import (
    AfterCharge,
    AfterPayment,
    CreatedFrom,
    CreatedTo,
    Limit,
    OfOutcome,
    PaidFrom,
    PaidTo,
    made_in,
    page_after,
    read_list,
    span_of,
)
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import InvoiceId

router = APIRouter(prefix="/v1/invoices", tags=["invoices"], route_class=StrictRoute)


@router.get("/{invoice_id}/charges", summary="List an invoice's charges")
async def list_charges(
    invoice_id: InvoiceId,
    access: Reader,
    limit: Limit = 20,
    after: AfterCharge = None,
    status: Annotated[Status | None, Query(description="Only those in this state.")] = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> Response:
    """Every code that was asked for, newest first. Money that comes on an old one counts too."""
    span = span_of("created", created_from, created_to)
    between = made_in("chg", span, access.app.zone, after)
    found, next_after = await read_list(access, after, _charges, invoice_id, status, between, limit)
    return page_after([charge_resource(one, access.now) for one in found], next_after)


@router.get("/{invoice_id}/payments", summary="List an invoice's payments")
async def list_payments(
    invoice_id: InvoiceId,
    access: Reader,
    limit: Limit = 20,
    after: AfterPayment = None,
    outcome: OfOutcome = None,
    paid_from: PaidFrom = None,
    paid_to: PaidTo = None,
) -> Response:
    """All money that came for it, newest first; the one that is `settled` paid it."""
    wanted = PaymentFilter(
        invoice_id=invoice_id, outcome=outcome, paid=span_of("paid", paid_from, paid_to)
    )
    between = Between(after or NEWEST)
    found, next_after = await read_list(access, after, _payments, wanted, between, limit)
    return page_after([received_resource(one) for one in found], next_after)


def _charges(
    tx: Transaction,
    app_id: str,
    invoice_id: str,
    status: Status | None,
    between: Between,
    limit: int,
) -> tuple[list[Asked], str | None]:
    invoice_of_app(tx, app_id, invoice_id)
    page = page_of(tx, walk_charges(invoice_id, status), between, limit)
    return tx.all(CHARGES_LISTED, ids=page.ids), page.next_after


def _payments(
    tx: Transaction, app_id: str, wanted: PaymentFilter, between: Between, limit: int
) -> tuple[list[Received], str | None]:
    """Raises NotFound for an invoice that is not the app's."""
    invoice_of_app(tx, app_id, wanted.invoice_id or "")
    page = page_of(tx, walk_payments(app_id, wanted), between, limit)
    return tx.all(RECEIVED, ids=page.ids), page.next_after
