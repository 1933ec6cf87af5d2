"""A customer: the app's tenant, known by the app's own reference."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.errors import NotFound
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, Json, Number, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    add_all,
    command,
    param,
    query,
    rows_of,
    save,
    stored_in,
)
from payment_service.model.customer_word import NOBODY, Named, add_words, keep_words

customers = table(
    "customers",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("reference", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("metadata", Json(dict[str, Any]), nullable=False),
    Column("trial_used_at", Instant),
    Column("forgotten_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    UniqueConstraint("app_id", "reference"),
    Index(None, "app_id", "id"),
)


@stored_in(customers)
class Customer(Record, frozen=True):
    """One trial per customer: `trial_used_at` says when it began. `forgotten_at` says since when
    its name and all that was told of it are blank."""

    id: str
    app_id: str
    reference: str
    name: str | None
    email: str | None
    phone: str | None
    metadata: dict[str, Any]
    trial_used_at: datetime | None
    forgotten_at: datetime | None
    created_at: datetime
    version: int


CUSTOMER = query(rows_of(Customer).where(customers.c.id == param("id")), Customer)
CUSTOMER_LOCKED = query(
    rows_of(Customer).where(customers.c.id == param("id")).with_for_update(), Customer
)
_by_reference = rows_of(Customer).where(
    customers.c.app_id == param("app_id"), customers.c.reference == param("reference")
)
CUSTOMER_BY_REFERENCE = query(_by_reference, Customer)
CUSTOMER_BY_REFERENCE_LOCKED = query(_by_reference.with_for_update(), Customer)
ENSURE_CUSTOMER = command(
    insert(customers)
    .values(
        id=param("id"),
        app_id=param("app_id"),
        reference=param("reference"),
        metadata={},
        created_at=param("now"),
        version=1,
    )
    .on_conflict_do_nothing(index_elements=["app_id", "reference"])
)


def customer_of_app(tx: Transaction, app_id: str, customer_id: str) -> Customer:
    """Raises NotFound for another app's customer too."""
    customer = tx.one(CUSTOMER, id=customer_id)
    if customer is None or customer.app_id != app_id:
        raise NotFound("customer_not_found", "There is no customer with this id.")
    return customer


def find_or_add(tx: Transaction, app_id: str, reference: str, now: datetime) -> Customer:
    """The app's customer with this reference, locked; made when there is none."""
    found = tx.one(CUSTOMER_BY_REFERENCE_LOCKED, app_id=app_id, reference=reference)
    if found is not None:
        return found
    # On PostgreSQL another transaction may have just added it; then this waits and adds nothing.
    tx.run(ENSURE_CUSTOMER, id=new_id("cus", now), app_id=app_id, reference=reference, now=now)
    made = tx.one(CUSTOMER_BY_REFERENCE_LOCKED, app_id=app_id, reference=reference)
    if made is None:
        raise LookupError(f"customer {reference} of {app_id} was neither found nor made")
    keep_words(tx, app_id, made.id, NOBODY, named(made))
    return made


def named(customer: Customer) -> Named:
    return Named(customer.reference, customer.name, customer.email, customer.phone)


def add_customers(tx: Transaction, new: Sequence[Customer]) -> None:
    """With the words by which each is found."""
    add_all(tx, new)
    add_words(tx, [(one.app_id, one.id, named(one)) for one in new])


def save_customer(tx: Transaction, before: Customer, after: Customer) -> Customer:
    """As `save` does, and it is found by what it is called now."""
    keep_words(tx, before.app_id, before.id, named(before), named(after))
    return save(tx, before, after)
