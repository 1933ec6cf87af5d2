"""`/v1/customers`: the app's tenants."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from payment_service_client.call import UNSET, Call, Unset, place, reads, writes
from payment_service_client.records import Credit, Customer, Page, Refund


def create(
    *,
    reference: str,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[Customer]:
    """`reference` is your own id of the tenant. Subscribing makes the customer too."""
    body = told(reference, name, email, phone, metadata)
    return writes("POST", place("customers"), Customer, body, idempotency_key=idempotency_key)


def listed(
    *,
    reference: str | None = None,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Customer]]:
    return reads(
        place("customers"),
        Page[Customer],
        reference=reference,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        after=after,
    )


def get(customer_id: str) -> Call[Customer]:
    return reads(place("customers", customer_id), Customer)


def edit(
    customer_id: str,
    *,
    name: str | Unset | None = UNSET,
    email: str | Unset | None = UNSET,
    phone: str | Unset | None = UNSET,
    metadata: Mapping[str, Any] | Unset = UNSET,
    idempotency_key: str | None = None,
) -> Call[Customer]:
    """Only what is given is changed; None empties it."""
    body = {"name": name, "email": email, "phone": phone, "metadata": metadata}
    path = place("customers", customer_id)
    return writes("PATCH", path, Customer, body, idempotency_key=idempotency_key)


def credit(
    customer_id: str,
    *,
    created_from: date | None = None,
    created_to: date | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Credit]:
    """What is owed to the customer, and how it came about."""
    return reads(
        place("customers", customer_id, "credit"),
        Credit,
        created_from=created_from,
        created_to=created_to,
        limit=limit,
        after=after,
    )


def refund(
    customer_id: str,
    *,
    amount: int,
    reference: str,
    note: str,
    metadata: Mapping[str, Any] | Unset = UNSET,
    idempotency_key: str | None = None,
) -> Call[Refund]:
    """After you sent the money: `reference` is what the bank calls the transfer. Scope `admin`."""
    body = {"amount": amount, "reference": reference, "note": note, "metadata": metadata}
    path = place("customers", customer_id, "refunds")
    return writes("POST", path, Refund, body, idempotency_key=idempotency_key)


def forget(customer_id: str, *, reason: str, idempotency_key: str | None = None) -> Call[Customer]:
    """Blank name, contacts and metadata for good. Scope `admin`."""
    path = place("customers", customer_id, "forget")
    return writes("POST", path, Customer, {"reason": reason}, idempotency_key=idempotency_key)


def told(
    reference: str,
    name: str | None,
    email: str | None,
    phone: str | None,
    metadata: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """A customer in a body: what is not known is not sent, so that it stays as it was."""
    known = {"name": name, "email": email, "phone": phone, "metadata": metadata}
    return {"reference": reference, **{key: it for key, it in known.items() if it is not None}}
