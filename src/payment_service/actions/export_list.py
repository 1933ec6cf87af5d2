"""Export a list as CSV, a page at a time: however long it is, little of it is in memory.

UTF-8 with a mark at its beginning: without that Excel reads names as if they were in its own old
encoding. Text that a spreadsheet would take for a formula gets a leading apostrophe.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from payment_service.kit.calendar import zone_info
from payment_service.kit.csv_cells import MARK, csv_lines
from payment_service.kit.database import Database
from payment_service.model.listed import (
    ListedCustomer,
    ListedInvoice,
    ListedPayment,
    Listing,
    show,
)
from payment_service.model.subscription_list import Standing
from payment_service.model.turning import Turn

AT_ONCE = 200
Separator = Literal[",", ";"]
"""Excel splits at what its language puts between the items of a list: in Indonesian a semicolon."""
Value = str | int | bool | date | datetime | None


class Column(NamedTuple):
    """A column by its name in code; what it is called in the file is the page's."""

    name: str
    value: Callable[[Any], Value]


def _of(kind: str, *names: str) -> list[Column]:
    """Fields of a record that stands under this name in the row."""

    def column(name: str) -> Column:
        return Column(name, lambda row: getattr(getattr(row, kind), name))

    return [column(name) for name in names]


def _beside(*names: str) -> list[Column]:
    def column(name: str) -> Column:
        return Column(name, lambda row: getattr(row, name))

    return [column(name) for name in names]


def _standing(row: Standing) -> tuple[str, str | None, str]:
    return row.customer.reference, row.customer.name, row.plan.code


SUBSCRIPTIONS = (
    *_of("subscription", "id", "app_id"),
    Column("customer", lambda row: _standing(row)[0]),
    Column("name", lambda row: _standing(row)[1]),
    Column("plan", lambda row: _standing(row)[2]),
    *_of(
        "subscription",
        *("status", "reason", "price", "months", "paid_through", "grace_until"),
        *("cancel_at_period_end", "activated_at", "suspended_at", "ended_at", "created_at"),
    ),
)
"""Of rows that are `Standing`."""
CUSTOMERS = (
    *_of("customer", "id", "app_id", "reference", "name", "email", "phone", "created_at"),
    *_beside("subscription_id", "status", "plan", "credit"),
)
INVOICES = (
    *_of("invoice", "id", "app_id", "number", "kind", "status"),
    Column("customer", lambda row: row.reference),
    *_beside("name", "plan"),
    *_of(
        "invoice",
        *("total", "credit_applied", "amount_due", "issued_on", "due_on", "period_start"),
        *("period_end", "paid_on", "paid_at", "voided_at", "void_reason"),
    ),
)
PAYMENTS = (
    *_of("payment", "id", "app_id"),
    *_beside("number"),
    Column("customer", lambda row: row.reference),
    *_beside("name"),
    *_of(
        "payment",
        *("amount", "fee", "outcome", "reason", "gateway", "reference", "note", "is_sandbox"),
        *("paid_on", "paid_at", "created_at"),
    ),
)
COLUMNS: dict[type, Sequence[Column]] = {
    Standing: SUBSCRIPTIONS,
    ListedCustomer: CUSTOMERS,
    ListedInvoice: INVOICES,
    ListedPayment: PAYMENTS,
}
"""By what the rows of a list are."""


async def export_list(
    db: Database,
    listing: Listing,
    columns: Sequence[Column],
    *,
    zones: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
    within: Turn | None = None,
    separator: Separator = ",",
) -> AsyncIterator[bytes]:
    """The file in pieces. `zones` are those of the apps, by id: instants are told on their clocks.

    What comes into the list while it is written is left out; nothing stands in it twice.
    """
    named = [(headings or {}).get(column.name, column.name) for column in columns]
    yield MARK.encode() + csv_lines([named], separator)
    to: Turn | None = within or Turn()
    while to is not None:
        shown = await db.read(show, listing, to, AT_ONCE)
        rows = [[_cell(column.value(row), zones[_app_of(row)]) for column in columns]
                for row in shown.rows]  # fmt: skip
        if rows:
            yield csv_lines(rows, separator)
        to = to._replace(older_than=shown.older_than) if shown.older_than else None


def _app_of(row: Any) -> str:
    app_id: str = row[0].app_id
    return app_id


def _cell(value: Value, zone: str) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(zone_info(zone)):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return value
