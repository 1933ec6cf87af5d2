"""A charge, one QRIS code that was asked for, as apps see it."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from payment_service.model.charge import Status
from payment_service.model.payment_list import Asked


class ChargeResource(msgspec.Struct, frozen=True):
    """`amount` is what the invoice asks for, `total` what the payer is debited, in rupiah.

    `order_id` is what the gateway knows it by. `qr_string` is there only while the code is open;
    `completed_at` and `payment_id` once it was paid. `metadata` is the invoice's.
    """

    id: str
    invoice_id: str
    customer_id: str
    customer_reference: str
    gateway: str
    order_id: str
    status: Status
    amount: int
    fee: int
    total: int
    periods: int
    qr_string: str | None
    expires_at: datetime | None
    completed_at: datetime | None
    payment_id: str | None
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


def charge_resource(asked: Asked, now: datetime) -> ChargeResource:
    """A code that has run out by now is shown no more, though nobody has closed it yet."""
    charge, payment = asked.charge, asked.payment
    lives = charge.status == "open" and charge.expires_at is not None and charge.expires_at > now
    return ChargeResource(
        id=charge.id,
        invoice_id=charge.invoice_id,
        customer_id=asked.customer_id,
        customer_reference=asked.customer_reference,
        gateway=charge.gateway,
        order_id=charge.order,
        status=charge.status,
        amount=charge.amount,
        fee=charge.fee or 0,
        total=charge.total_payment or charge.amount,
        periods=charge.periods,
        qr_string=charge.qr_string if lives else None,
        expires_at=charge.expires_at,
        completed_at=payment.paid_at if payment else None,
        payment_id=payment.id if payment else None,
        metadata=asked.metadata,
        created_at=charge.created_at,
    )
