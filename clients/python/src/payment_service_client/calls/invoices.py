"""`/v1/invoices`, `/v1/charges` and `/v1/payments`: what is owed, codes, and money."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from payment_service_client.call import UNSET, Call, Unset, place, reads, writes
from payment_service_client.calls.customers import told
from payment_service_client.records import Charge, Invoice, Page, Payment, Qris


def create(
    *,
    reference: str,
    lines: Iterable[tuple[str, int]],
    due_on: date | None = None,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[Invoice]:
    """For something else than a period: each line is what it is for and its whole rupiah."""
    body = {
        "customer": told(reference, name, email, phone, None),
        "lines": [{"description": text, "amount": amount} for text, amount in lines],
        "due_on": due_on,
        "metadata": metadata or {},
    }
    return writes("POST", place("invoices"), Invoice, body, idempotency_key=idempotency_key)


def listed(
    *,
    customer: str | None = None,
    subscription: str | None = None,
    plan: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    issued_from: date | None = None,
    issued_to: date | None = None,
    due_from: date | None = None,
    due_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Invoice]]:
    return reads(
        place("invoices"),
        Page[Invoice],
        customer=customer,
        subscription=subscription,
        plan=plan,
        status=status,
        kind=kind,
        issued_from=issued_from,
        issued_to=issued_to,
        due_from=due_from,
        due_to=due_to,
        limit=limit,
        after=after,
    )


def get(invoice_id: str) -> Call[Invoice]:
    return reads(place("invoices", invoice_id), Invoice)


def edit(
    invoice_id: str,
    *,
    metadata: Mapping[str, Any] | Unset = UNSET,
    idempotency_key: str | None = None,
) -> Call[Invoice]:
    path = place("invoices", invoice_id)
    return writes("PATCH", path, Invoice, {"metadata": metadata}, idempotency_key=idempotency_key)


def qris(invoice_id: str, *, periods: int = 1, idempotency_key: str | None = None) -> Call[Qris]:
    """The code to show. While it has life enough it is the same one, however often it is asked."""
    path = place("invoices", invoice_id, "qris")
    return writes("POST", path, Qris, {"periods": periods}, idempotency_key=idempotency_key)


def mark_paid(
    invoice_id: str,
    *,
    reference: str,
    note: str,
    paid_on: date | None = None,
    idempotency_key: str | None = None,
) -> Call[Payment]:
    """For cash or a transfer that a person saw come. Scope `admin`."""
    body = {"reference": reference, "note": note, "paid_on": paid_on}
    path = place("invoices", invoice_id, "mark-paid")
    return writes("POST", path, Payment, body, idempotency_key=idempotency_key)


def void(invoice_id: str, *, reason: str, idempotency_key: str | None = None) -> Call[Invoice]:
    """Scope `admin`."""
    path = place("invoices", invoice_id, "void")
    return writes("POST", path, Invoice, {"reason": reason}, idempotency_key=idempotency_key)


def charges(
    invoice_id: str,
    *,
    status: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Charge]]:
    """Every code that was asked for it."""
    return reads(
        place("invoices", invoice_id, "charges"),
        Page[Charge],
        status=status,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        after=after,
    )


def payments(
    invoice_id: str,
    *,
    outcome: str | None = None,
    paid_from: date | None = None,
    paid_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Payment]]:
    return reads(
        place("invoices", invoice_id, "payments"),
        Page[Payment],
        outcome=outcome,
        paid_from=paid_from,
        paid_to=paid_to,
        limit=limit,
        after=after,
    )


def charge(charge_id: str) -> Call[Charge]:
    return reads(place("charges", charge_id), Charge)


def payment(payment_id: str) -> Call[Payment]:
    return reads(place("payments", payment_id), Payment)


def payments_listed(
    *,
    customer: str | None = None,
    subscription: str | None = None,
    invoice: str | None = None,
    plan: str | None = None,
    outcome: str | None = None,
    paid_from: date | None = None,
    paid_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Payment]]:
    return reads(
        place("payments"),
        Page[Payment],
        customer=customer,
        subscription=subscription,
        invoice=invoice,
        plan=plan,
        outcome=outcome,
        paid_from=paid_from,
        paid_to=paid_to,
        limit=limit,
        after=after,
    )
