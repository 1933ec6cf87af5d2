"""The money of the examples: a code, the payment that came on it, and credit paid out."""

from datetime import UTC, datetime

from payment_service.resources import (
    ChargeResource,
    CreditEntryResource,
    PaymentResource,
    QrisResource,
    RefundResource,
)
from payment_service.web.reference.example_ids import (
    BEGUN,
    CHARGE_ID,
    CREDIT_ID,
    CUSTOMER_ID,
    INVOICE_ID,
    INVOICE_URL,
    PAID,
    PAYMENT_ID,
)

PAYMENT = PaymentResource(
    id=PAYMENT_ID,
    customer_id=CUSTOMER_ID,
    customer_reference="tenant-42",
    invoice_id=INVOICE_ID,
    charge_id=CHARGE_ID,
    gateway="pakasir",
    reference="PKSR-7H2K9Q",
    amount=99_000,
    credited=0,
    fee=1_003,
    outcome="settled",
    reason=None,
    paid_at=PAID,
    metadata={},
    created_at=PAID,
)
CHARGE = ChargeResource(
    id=CHARGE_ID,
    invoice_id=INVOICE_ID,
    customer_id=CUSTOMER_ID,
    customer_reference="tenant-42",
    gateway="pakasir",
    order_id=CHARGE_ID,
    status="paid",
    amount=99_000,
    fee=1_003,
    total=100_003,
    periods=1,
    qr_string=None,
    expires_at=datetime(2026, 11, 22, 22, 2, 22, 724928, UTC),
    completed_at=PAID,
    payment_id=PAYMENT_ID,
    metadata={},
    created_at=BEGUN,
)
QRIS = QrisResource(
    invoice_id=INVOICE_ID,
    charge_id=CHARGE_ID,
    qr_string="00020101021226690017ID.CO.EXAMPLE.WWW0118…6304079B",
    amount=99_000,
    fee=1_003,
    total=100_003,
    expires_at=datetime(2026, 11, 22, 22, 2, 22, 724928, UTC),
    qr_svg_url=f"{INVOICE_URL}/qr.svg",
    qr_png_url=f"{INVOICE_URL}/qr.png",
    pay_url=INVOICE_URL,
)
CREDIT_ENTRY = CreditEntryResource(
    id=CREDIT_ID,
    kind="credited",
    amount=99_000,
    payment_id=PAYMENT_ID,
    invoice_id=None,
    reference=None,
    note=None,
    metadata={},
    created_at=PAID,
)
REFUND = RefundResource(
    id=CREDIT_ID,
    customer_id=CUSTOMER_ID,
    customer_reference="tenant-42",
    payment_id=None,
    amount=99_000,
    reference="BCA 2611-0043",
    note="Paid twice",
    metadata={},
    created_at=PAID,
)
