"""Know a customer: found by the app's reference or made, with what the app told of it now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from payment_service.kit.statements import Transaction
from payment_service.model.customer import Customer, find_or_add, save_customer
from payment_service.model.plan import check_metadata


def know_customer(
    tx: Transaction, app_id: str, reference: str, told: Mapping[str, Any], now: datetime
) -> Customer:
    """`told` are name, email, phone and metadata; None leaves what is known as it is, anything else
    makes a forgotten customer known again. Raises Invalid for more metadata than is kept."""
    check_metadata("customer_metadata", told.get("metadata") or {})
    customer = find_or_add(tx, app_id, reference, now)
    known = {name: value for name, value in told.items() if value is not None}
    if not known:
        return customer
    return save_customer(
        tx, customer, msgspec.structs.replace(customer, forgotten_at=None, **known)
    )
