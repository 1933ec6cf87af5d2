"""Add a customer before it buys anything: the app's tenant, under the app's own reference."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction
from payment_service.model.customer import CUSTOMER_BY_REFERENCE, Customer, add_customers
from payment_service.model.plan import check_metadata


def add_customer(
    tx: Transaction, app_id: str, reference: str, told: Mapping[str, Any], now: datetime
) -> Customer:
    """`told` are name, email, phone and metadata. Raises Conflict, which names the customer that
    has the reference, and Invalid for more metadata than is kept."""
    metadata = told.get("metadata") or {}
    check_metadata("metadata", metadata)
    known = tx.one(CUSTOMER_BY_REFERENCE, app_id=app_id, reference=reference)
    if known is not None:
        raise Conflict(
            "reference_taken",
            "You have a customer with this reference; edit that one.",
            id=known.id,
        )
    customer = Customer(
        id=new_id("cus", now),
        app_id=app_id,
        reference=reference,
        name=told.get("name"),
        email=told.get("email"),
        phone=told.get("phone"),
        metadata=metadata,
        trial_used_at=None,
        forgotten_at=None,
        created_at=now,
        version=1,
    )
    add_customers(tx, [customer])
    return customer
