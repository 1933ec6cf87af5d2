"""The operations on invoices, and on the codes that pay them."""

from payment_service.resources import (
    ChargeResource,
    InvoiceResource,
    PaymentResource,
    QrisResource,
)
from payment_service.web.reference.operation import Operation, Operations, one, page_of

CODE = (
    "invoice_paid",
    "invoice_void",
    "periods_ahead",
    "not_payable_ahead",
    "amount_outside_limits",
    "gateway_not_configured",
    "gateway_unavailable",
    "code_refused",
)
"""What can come of asking for a code."""

INVOICES: Operations = {
    "POST /v1/invoices": Operation(
        id="createInvoice",
        scope="write",
        answers={201: one(InvoiceResource, "The invoice.")},
        codes=(
            "customer_reference",
            "due_on",
            "invoice_lines",
            "line_description",
            "lines_too_large",
            "total_outside_limits",
            "metadata_too_large",
            "metadata_too_deep",
            "customer_metadata_too_large",
            "customer_metadata_too_deep",
        ),
        body={
            "customer": {"reference": "tenant-42"},
            "lines": [
                {"description": "Pemasangan alat", "amount": 250_000},
                {"description": "Potongan", "amount": -50_000},
            ],
        },
    ),
    "GET /v1/invoices": Operation(
        id="listInvoices",
        scope="read",
        answers={200: page_of(InvoiceResource, "Invoices, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/invoices/{invoice_id}": Operation(
        id="getInvoice",
        scope="read",
        answers={200: one(InvoiceResource, "The invoice.")},
    ),
    "PATCH /v1/invoices/{invoice_id}": Operation(
        id="updateInvoice",
        scope="write",
        answers={200: one(InvoiceResource, "The invoice as it is now.")},
        codes=("metadata_too_large", "metadata_too_deep"),
        body={"metadata": {"order": "A-118"}},
    ),
    "GET /v1/invoices/{invoice_id}/charges": Operation(
        id="listChargesOfInvoice",
        scope="read",
        answers={200: page_of(ChargeResource, "Its codes, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/invoices/{invoice_id}/payments": Operation(
        id="listPaymentsOfInvoice",
        scope="read",
        answers={200: page_of(PaymentResource, "Its payments, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/charges/{charge_id}": Operation(
        id="getCharge",
        scope="read",
        answers={200: one(ChargeResource, "The charge.")},
    ),
    "GET /v1/payments": Operation(
        id="listPayments",
        scope="read",
        answers={200: page_of(PaymentResource, "Payments, newest first.")},
        codes=("date_range",),
    ),
    "GET /v1/payments/{payment_id}": Operation(
        id="getPayment",
        scope="read",
        answers={200: one(PaymentResource, "The payment.")},
    ),
    "POST /v1/invoices/{invoice_id}/qris": Operation(
        id="getQrisCode",
        scope="write",
        answers={200: one(QrisResource, "The open code; without one where credit has paid.")},
        codes=CODE,
        body={"periods": 1},
    ),
    "POST /v1/invoices/{invoice_id}/mark-paid": Operation(
        id="markInvoicePaid",
        scope="admin",
        answers={201: one(PaymentResource, "The payment.")},
        codes=(
            "payment_reference",
            "payment_note",
            "paid_on",
            "reference_used",
            "invoice_paid",
            "invoice_void",
            "subscription_state",
        ),
        body={"reference": "BCA 2611-0042", "note": "Transfer, seen by Rini"},
    ),
    "POST /v1/invoices/{invoice_id}/void": Operation(
        id="voidInvoice",
        scope="admin",
        answers={200: one(InvoiceResource, "The invoice, void.")},
        codes=("reason_missing", "invoice_paid", "invoice_void"),
        body={"reason": "Issued by mistake"},
    ),
}
