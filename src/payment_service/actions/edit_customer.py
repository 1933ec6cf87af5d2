"""Edit a customer: what the app says of its tenant from now on. What was issued stays as it was."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By, record
from payment_service.model.customer import (
    CUSTOMER_LOCKED,
    Customer,
    customer_of_app,
    save_customer,
)
from payment_service.model.plan import check_metadata


class CustomerChange(msgspec.Struct, frozen=True):
    """What is to be different; None is no longer known. Metadata is replaced whole."""

    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET


def edit_customer(
    tx: Transaction,
    app_id: str,
    customer_id: str,
    change: CustomerChange,
    *,
    by: By | None = None,
    version: int | None = None,
) -> Customer:
    """No event tells of it: apps know their tenants. An admin's is kept in the log, which says what
    was changed and names nobody. Raises NotFound; Invalid; Conflict for one that was forgotten,
    whom only a new subscription or invoice makes known again, and where it is not the `version`
    any more that was seen."""
    customer_of_app(tx, app_id, customer_id)
    customer = tx.one(CUSTOMER_LOCKED, id=customer_id)
    if customer is None:
        raise LookupError(f"no customer {customer_id}")
    if customer.forgotten_at is not None:
        raise Conflict(
            "customer_forgotten",
            "This customer was forgotten for good. When it subscribes again, tell who it is there.",
            id=customer_id,
        )
    if version is not None and customer.version != version:
        raise Conflict(
            "customer_changed",
            "The customer was changed meanwhile; look again, then decide.",
            id=customer_id,
        )
    if change.metadata is not UNSET:
        check_metadata("metadata", change.metadata)
    wanted = {
        name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET
    }
    changed = [name for name, one in wanted.items() if one != getattr(customer, name)]
    if by is not None and changed:
        record(tx, by, app_id, "customer.edit", customer_id, changed=", ".join(changed))
    return save_customer(tx, customer, msgspec.structs.replace(customer, **wanted))
