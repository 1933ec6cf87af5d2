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
from payment_service.model.delivery_list import ListedDelivery
from payment_service.model.listed import (
    ListedCustomer,
    ListedInvoice,
    ListedPayment,
    Listing,
    show,
)
from payment_service.model.plan import Plan
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


def _codes(kind: str, *names: str) -> list[Column]:
    """What a program reads: the ids, and words as the API has them."""

    def column(name: str) -> Column:
        return Column(f"{name}_code", lambda row: getattr(getattr(row, kind), name))

    return [*_of(kind, "id", "app_id"), *(column(name) for name in names)]


def _app(kind: str) -> Column:
    return Column("app", lambda row: getattr(row, kind).app_id)


_whose = [Column("customer", lambda row: row.reference), *_beside("name")]
SUBSCRIPTIONS = (
    Column("name", lambda row: row.customer.name),
    Column("customer", lambda row: row.customer.reference),
    _app("subscription"),
    Column("plan", lambda row: row.plan.name),
    *_of(
        "subscription",
        *("status", "reason", "price", "months", "paid_through", "grace_until"),
        *("cancel_at_period_end", "activated_at", "suspended_at", "ended_at", "created_at"),
    ),
    *_codes("subscription", "status", "reason"),
    Column("plan_code", lambda row: row.plan.code),
)
"""Of rows that are `Standing`."""
CUSTOMERS = (
    *_of("customer", "name"),
    Column("customer", lambda row: row.customer.reference),
    _app("customer"),
    *_of("customer", "email", "phone"),
    Column("plan", lambda row: row.plan_name),
    *_beside("status", "credit"),
    *_of("customer", "created_at"),
    *_codes("customer"),
    *_beside("subscription_id"),
    Column("status_code", lambda row: row.status),
    Column("plan_code", lambda row: row.plan),
)
INVOICES = (
    *_of("invoice", "number"),
    *_whose,
    _app("invoice"),
    Column("plan", lambda row: row.plan_name),
    *_of(
        "invoice",
        *("kind", "status", "total", "credit_applied", "amount_due", "issued_on", "due_on"),
        *("period_start", "period_end", "paid_on", "paid_at", "voided_at", "void_reason"),
    ),
    *_codes("invoice", "kind", "status", "void_reason"),
    Column("plan_code", lambda row: row.plan),
)
PAYMENTS = (
    *_beside("number"),
    *_whose,
    _app("payment"),
    *_of(
        "payment",
        *("amount", "fee", "outcome", "reason"),
    ),
    *_beside("decided"),
    *_of(
        "payment",
        *("gateway", "reference", "note", "is_sandbox", "paid_on", "paid_at", "created_at"),
    ),
    *_codes("payment", "outcome", "reason", "gateway"),
)
PLANS = (
    Column("plan", lambda row: row.name),
    Column("app", lambda row: row.app_id),
    *_beside("price", "months", "trial_days", "grace_days"),
    Column("prices_ahead", lambda row: ", ".join(
        f"{periods}× {price}" for periods, price in sorted(row.prices_ahead.items(),
                                                           key=lambda one: int(one[0])))),
    *_beside("archived_at", "created_at", "id", "app_id"),
    Column("plan_code", lambda row: row.code),
)  # fmt: skip
"""Of rows that are `Plan`."""
DELIVERIES = (
    *_beside("created_at"),
    Column("name", lambda row: row.customer),
    Column("app", lambda row: row.app_id),
    Column("endpoint", lambda row: row.endpoint_id),
    *_beside("type", "status", "attempts", "next_at", "delivered_at"),
    *_beside("id", "app_id", "event_id", "endpoint_id", "subject_id"),
    Column("status_code", lambda row: row.status),
)
COLUMNS: dict[type, Sequence[Column]] = {
    Standing: SUBSCRIPTIONS,
    ListedCustomer: CUSTOMERS,
    ListedInvoice: INVOICES,
    ListedPayment: PAYMENTS,
    Plan: PLANS,
    ListedDelivery: DELIVERIES,
}
"""By what the rows of a list are."""


async def export_list(
    db: Database,
    listing: Listing,
    columns: Sequence[Column],
    *,
    zones: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    within: Turn | None = None,
    separator: Separator = ",",
) -> AsyncIterator[bytes]:
    """The file in pieces. `zones` are those of the apps, by id: instants are told on their clocks.
    `words` are for people what a value is, by its column and itself: `status.open`.

    What comes into the list while it is written is left out; nothing stands in it twice.
    """
    named = [(headings or {}).get(column.name, column.name) for column in columns]
    yield MARK.encode() + csv_lines([named], separator)
    to: Turn | None = within or Turn()
    while to is not None:
        shown = await db.read(show, listing, to, AT_ONCE)
        rows = [[_said(column, row, words or {}, zones) for column in columns]
                for row in shown.rows]  # fmt: skip
        if rows:
            yield csv_lines(rows, separator)
        to = to._replace(older_than=shown.older_than) if shown.older_than else None


def _said(column: Column, row: Any, words: Mapping[str, str], zones: Mapping[str, str]) -> object:
    cell = _cell(column.value(row), zones[_app_of(row)])
    return words.get(f"{column.name}.{cell}", cell)


def _app_of(row: Any) -> str:
    """Of a record, or of the record that a row begins with."""
    app_id: str = (row[0] if isinstance(row, tuple) else row).app_id
    return app_id


def _cell(value: Value, zone: str) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(zone_info(zone)):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return value
