"""The operations on customers and their credit."""

from payment_service.resources import CreditResource, CustomerResource, RefundResource
from payment_service.web.reference.operation import Operation, Operations, one

CUSTOMERS: Operations = {
    "GET /v1/customers/{customer_id}/credit": Operation(
        id="getCredit",
        scope="read",
        answers={200: one(CreditResource, "The balance, and a page of its entries.")},
    ),
    "POST /v1/customers/{customer_id}/refunds": Operation(
        id="refundCredit",
        scope="admin",
        answers={201: one(RefundResource, "The refund.")},
        codes=(
            "refund_amount",
            "refund_reference",
            "refund_note",
            "reference_used",
            "credit_too_small",
        ),
        body={"amount": 99_000, "reference": "BCA 2611-0043", "note": "Paid twice"},
    ),
    "POST /v1/customers/{customer_id}/forget": Operation(
        id="forgetCustomer",
        scope="admin",
        answers={200: one(CustomerResource, "The customer without a name.")},
        codes=("reason_missing", "subscription_open"),
        body={"reason": "Asked by mail"},
    ),
}
