"""An invoice and its QRIS code as apps see them."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from payment_service.model.charge import Charge
from payment_service.model.invoice import Invoice, Kind, Line, Status, VoidReason
from payment_service.model.invoice_list import Billed
from payment_service.resources.links import Links


class InvoiceResource(msgspec.Struct, frozen=True):
    """Amounts in rupiah; `amount_due` is what a code would ask for."""

    id: str
    number: str
    kind: Kind
    status: Status
    customer_id: str
    customer_reference: str
    subscription_id: str | None
    lines: tuple[Line, ...]
    total: int
    credit_applied: int
    amount_due: int
    period_start: date | None
    period_end: date | None
    issued_on: date
    due_on: date
    paid_at: datetime | None
    voided_at: datetime | None
    void_reason: VoidReason | None
    pay_url: str
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


class QrisResource(msgspec.Struct, frozen=True):
    """`amount` is what the invoice asks for, `total` what the payer is debited, in rupiah.

    Without a code where credit has paid the invoice.
    """

    invoice_id: str
    charge_id: str | None
    qr_string: str | None
    amount: int
    fee: int
    total: int
    expires_at: datetime | None
    qr_svg_url: str | None
    qr_png_url: str | None
    pay_url: str
    currency: Literal["IDR"] = "IDR"


def invoice_resource(invoice: Invoice, reference: str, links: Links) -> InvoiceResource:
    """`reference` is the app's own of the invoice's customer."""
    return InvoiceResource(
        id=invoice.id,
        number=invoice.number,
        kind=invoice.kind,
        status=invoice.status,
        customer_id=invoice.customer_id,
        customer_reference=reference,
        subscription_id=invoice.subscription_id,
        lines=invoice.lines,
        total=invoice.total,
        credit_applied=invoice.credit_applied,
        amount_due=invoice.amount_due,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        paid_at=invoice.paid_at,
        voided_at=invoice.voided_at,
        void_reason=invoice.void_reason,
        pay_url=links.pay(invoice.pay_token),
        metadata=invoice.metadata,
        created_at=invoice.created_at,
    )


def billed_resource(billed: Billed, links: Links) -> InvoiceResource:
    """One that was read from the books."""
    return invoice_resource(billed.invoice, billed.customer_reference, links)


def qris_resource(
    charge: Charge, invoice: Invoice, links: Links, *, qr_string: str, expires_at: datetime
) -> QrisResource:
    pay_url = links.pay(invoice.pay_token)
    return QrisResource(
        invoice_id=invoice.id,
        charge_id=charge.id,
        qr_string=qr_string,
        amount=charge.amount,
        fee=charge.fee or 0,
        total=charge.total_payment or charge.amount,
        expires_at=expires_at,
        qr_svg_url=f"{pay_url}/qr.svg",
        qr_png_url=f"{pay_url}/qr.png",
        pay_url=pay_url,
    )


def needs_no_code(invoice: Invoice, links: Links) -> QrisResource:
    """The answer about an invoice that credit has paid."""
    return QrisResource(
        invoice_id=invoice.id,
        charge_id=None,
        qr_string=None,
        amount=0,
        fee=0,
        total=0,
        expires_at=None,
        qr_svg_url=None,
        qr_png_url=None,
        pay_url=links.pay(invoice.pay_token),
    )
