"""A payment, and money that was paid back, as apps see them."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from payment_service.model.payment import Outcome, Payment
from payment_service.model.payment_list import Received


class PaymentResource(msgspec.Struct, frozen=True):
    """`amount` is without the payer's fee; `credited` is how much of it became credit; `metadata`
    is that of the invoice it came for."""

    id: str
    customer_id: str
    customer_reference: str
    invoice_id: str
    charge_id: str | None
    gateway: str
    reference: str
    amount: int
    credited: int
    fee: int
    outcome: Outcome
    reason: str | None
    paid_at: datetime
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


class RefundResource(msgspec.Struct, frozen=True):
    """Money that was paid back: of a customer's credit, or of a payment that was reviewed."""

    id: str
    customer_id: str
    customer_reference: str
    payment_id: str | None
    amount: int
    reference: str
    note: str
    metadata: dict[str, Any]
    created_at: datetime
    currency: Literal["IDR"] = "IDR"


def payment_resource(
    payment: Payment, reference: str, metadata: dict[str, Any], *, credited: int = 0
) -> PaymentResource:
    """`reference` is the app's own of its customer, `metadata` its invoice's."""
    return PaymentResource(
        id=payment.id,
        customer_id=payment.customer_id,
        customer_reference=reference,
        invoice_id=payment.invoice_id,
        charge_id=payment.charge_id,
        gateway=payment.gateway,
        reference=payment.reference,
        amount=payment.amount,
        credited=credited,
        fee=payment.fee,
        outcome=payment.outcome,
        reason=payment.reason,
        paid_at=payment.paid_at,
        metadata=metadata,
        created_at=payment.created_at,
    )


def received_resource(received: Received) -> PaymentResource:
    """One that was read from the books."""
    return payment_resource(
        received.payment,
        received.customer_reference,
        received.metadata,
        credited=received.credited,
    )
