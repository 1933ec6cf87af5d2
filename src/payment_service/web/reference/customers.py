"""The operations on customers and their credit."""

from payment_service.resources import CreditResource, CustomerResource, RefundResource
from payment_service.web.reference.operation import Operation, Operations, one, page_of

METADATA = ("metadata_too_large", "metadata_too_deep")

CUSTOMERS: Operations = {
    "POST /v1/customers": Operation(
        id="createCustomer",
        scope="write",
        answers={201: one(CustomerResource, "The customer.")},
        codes=("reference_taken", *METADATA),
        body={"reference": "tenant-42", "name": "Bengkel Jaya", "phone": "0812-0000-0042"},
    ),
    "GET /v1/customers": Operation(
        id="listCustomers",
        scope="read",
        answers={200: page_of(CustomerResource, "Customers, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/customers/{customer_id}": Operation(
        id="getCustomer",
        scope="read",
        answers={200: one(CustomerResource, "The customer.")},
    ),
    "PATCH /v1/customers/{customer_id}": Operation(
        id="updateCustomer",
        scope="write",
        answers={200: one(CustomerResource, "The customer as it is now.")},
        codes=("customer_forgotten", *METADATA),
        body={"name": "Bengkel Jaya Abadi"},
    ),
    "GET /v1/customers/{customer_id}/credit": Operation(
        id="getCredit",
        scope="read",
        answers={200: one(CreditResource, "The balance, and a page of its entries.")},
        codes=("date_range",),
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
            *METADATA,
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
