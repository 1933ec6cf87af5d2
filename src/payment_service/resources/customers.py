"""A customer as apps see it."""

from datetime import datetime
from typing import Any

import msgspec

from payment_service.model.customer import Customer


class CustomerResource(msgspec.Struct, frozen=True):
    """`reference` is the app's own. Of one that was forgotten, only that and the id are left."""

    id: str
    reference: str
    name: str | None
    email: str | None
    phone: str | None
    metadata: dict[str, Any]
    forgotten: bool
    created_at: datetime


def customer_resource(customer: Customer) -> CustomerResource:
    return CustomerResource(
        id=customer.id,
        reference=customer.reference,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        metadata=customer.metadata,
        forgotten=customer.forgotten_at is not None,
        created_at=customer.created_at,
    )
