"""An invoice: what is owed, once. Its number, its dates, its states."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.errors import Conflict, NotFound
from payment_service.kit.schema import (
    Instant,
    Json,
    LocalDate,
    Number,
    one_of,
    partial_index,
    table,
)
from payment_service.kit.statements import (
    Record,
    Transaction,
    param,
    query,
    rows_of,
    stored_in,
    value,
)
from payment_service.model.app import App, Seller

Kind = Literal["first", "renewal", "upgrade", "one_off"]
Status = Literal["open", "paid", "void"]
VoidReason = Literal["timeout", "replaced", "subscription_ended", "admin"]

MOVES: dict[Status, tuple[Status, ...]] = {
    "open": ("paid", "void"),
    "paid": (),
    # Money alone may revive a void invoice: `settle` is the only caller that makes this move.
    "void": ("paid",),
}


class Line(msgspec.Struct, frozen=True):
    """One line of an invoice, in rupiah; an upgrade's unused days are negative."""

    description: str
    amount: int


class Schedule(msgspec.Struct, frozen=True):
    """The billing schedule as it was when the invoice was issued."""

    grace_days: int
    reminder_days: tuple[int, ...]
    lead_days: int = 0


IMPORTED_NUMBER = "imported_number"
"""In the metadata of an invoice that was imported: what the older system called it."""

invoices = table(
    "invoices",
    Column("id", Text, primary_key=True),
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False),
    Column("subscription_id", Text, ForeignKey("subscriptions.id")),
    Column("plan_id", Text, ForeignKey("plans.id")),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("lines", Json(tuple[Line, ...]), nullable=False),
    Column("total", Number, nullable=False),
    Column("credit_applied", Number, nullable=False),
    Column("months", Number),
    Column("period_start", LocalDate),
    Column("period_end", LocalDate),
    Column("issued_on", LocalDate, nullable=False),
    Column("due_on", LocalDate, nullable=False),
    Column("void_at", Instant),
    Column("schedule", Json(Schedule), nullable=False),
    Column("remind_on", LocalDate),
    Column("reminded", Json(tuple[int, ...]), nullable=False, server_default=text("'[]'")),
    Column("seller", Json(Seller), nullable=False),
    Column("pay_token", Text, nullable=False, unique=True),
    Column("paid_at", Instant),
    Column("paid_on", LocalDate),
    Column("voided_at", Instant),
    Column("void_reason", Text),
    Column("metadata", Json(dict[str, Any]), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    UniqueConstraint("app_id", "number"),
    one_of("kind", ("first", "renewal", "upgrade", "one_off")),
    one_of("status", ("open", "paid", "void")),
    one_of("void_reason", ("timeout", "replaced", "subscription_ended", "admin"), null=True),
    CheckConstraint("total BETWEEN 0 AND 1000000000000", name="total"),
    CheckConstraint("credit_applied BETWEEN 0 AND total", name="credit_applied"),
    CheckConstraint("kind = 'one_off' OR subscription_id IS NOT NULL", name="belongs"),
    partial_index(
        "one_open_period_invoice",
        "subscription_id",
        where="status = 'open' AND kind IN ('first', 'renewal')",
        unique=True,
    ),
    partial_index(
        "one_open_upgrade",
        "subscription_id",
        where="status = 'open' AND kind = 'upgrade'",
        unique=True,
    ),
    # Not `upgrade`: one that is paid on the day of the first payment replaces its period.
    partial_index(
        "one_invoice_a_period",
        "subscription_id",
        "period_start",
        where="status <> 'void' AND kind IN ('first', 'renewal')",
        unique=True,
    ),
    Index(None, "app_id", "status", "kind", "id"),
    Index(None, "app_id", "due_on", "id"),
    Index(None, "customer_id", "id"),
    Index(None, "subscription_id", "id"),
    partial_index("invoices_of_plan", "plan_id", "id", where="plan_id IS NOT NULL"),
    partial_index(
        "open_invoices_to_void", "void_at", where="status = 'open' AND void_at IS NOT NULL"
    ),
    partial_index(
        "open_invoices_to_remind",
        "app_id",
        "remind_on",
        where="status = 'open' AND remind_on IS NOT NULL",
    ),
)


@stored_in(invoices, is_noted=True)
class Invoice(Record, frozen=True):
    """Amounts in rupiah. While open, the period is a proposal; settling writes the one bought.

    `remind_on` is the local date of the next reminder, None when none is left; `reminded` are the
    days from the due date for which one went out.
    """

    id: str
    app_id: str
    customer_id: str
    subscription_id: str | None
    plan_id: str | None
    number: str
    kind: Kind
    status: Status
    lines: tuple[Line, ...]
    total: int
    credit_applied: int
    months: int | None
    period_start: date | None
    period_end: date | None
    issued_on: date
    due_on: date
    void_at: datetime | None
    schedule: Schedule
    remind_on: date | None
    reminded: tuple[int, ...]
    seller: Seller
    pay_token: str
    paid_at: datetime | None
    paid_on: date | None
    voided_at: datetime | None
    void_reason: VoidReason | None
    metadata: dict[str, Any]
    created_at: datetime
    version: int

    @property
    def amount_due(self) -> int:
        """What a code asks for: the total less the credit applied."""
        return self.total - self.credit_applied if self.status == "open" else 0


INVOICE = query(rows_of(Invoice).where(invoices.c.id == param("id")), Invoice)
AN_INVOICE = value(select(invoices.c.id).where(invoices.c.app_id == param("app_id")).limit(1), str)
"""Any of the app's."""
INVOICE_LOCKED = query(
    rows_of(Invoice).where(invoices.c.id == param("id")).with_for_update(), Invoice
)
INVOICE_BY_NUMBER = query(
    rows_of(Invoice).where(
        invoices.c.app_id == param("app_id"), invoices.c.number == param("number")
    ),
    Invoice,
)
INVOICE_BY_TOKEN = query(rows_of(Invoice).where(invoices.c.pay_token == param("token")), Invoice)
OPEN_INVOICE = query(
    rows_of(Invoice).where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "open",
        invoices.c.kind.in_(("first", "renewal")),
    ),
    Invoice,
)
OPEN_UPGRADE = query(
    rows_of(Invoice).where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "open",
        invoices.c.kind == "upgrade",
    ),
    Invoice,
)
OPEN_INVOICES_OF_SUBSCRIPTION = query(
    rows_of(Invoice)
    .where(invoices.c.subscription_id == param("subscription_id"), invoices.c.status == "open")
    .order_by(invoices.c.id),
    Invoice,
)
OPEN_INVOICES_OF_CUSTOMER = query(
    rows_of(Invoice)
    .where(invoices.c.customer_id == param("customer_id"), invoices.c.status == "open")
    .order_by(invoices.c.id)
    .with_for_update(),
    Invoice,
)
LAST_PAID_PERIOD = query(
    rows_of(Invoice)
    .where(
        invoices.c.subscription_id == param("subscription_id"),
        invoices.c.status == "paid",
        invoices.c.kind.in_(("first", "renewal")),
        invoices.c.period_start.is_not(None),
    )
    .order_by(invoices.c.period_start.desc())
    .limit(1),
    Invoice,
)

invoice_counters = table(
    "invoice_counters",
    Column("app_id", Text, ForeignKey("apps.id"), nullable=False),
    Column("year", Number, nullable=False),
    Column("last", Number, nullable=False),
    PrimaryKeyConstraint("app_id", "year"),
)
_counted = insert(invoice_counters).values(
    app_id=param("app_id"), year=param("year"), last=param("count")
)
TAKE_NUMBERS = value(
    _counted.on_conflict_do_update(
        index_elements=["app_id", "year"],
        set_={"last": invoice_counters.c.last + param("count", Number)},
    ).returning(invoice_counters.c.last),
    int,
)


def next_numbers(tx: Transaction, app: App, issued_on: date, count: int) -> list[str]:
    """`BB-2026-000123` and on: gapless per app and local year, given in the issuing transaction."""
    last = tx.one(TAKE_NUMBERS, app_id=app.id, year=issued_on.year, count=count) or 0
    return [
        f"{app.invoice_prefix}-{issued_on.year}-{number:06d}"
        for number in range(last - count + 1, last + 1)
    ]


def invoice_of_app(tx: Transaction, app_id: str, invoice_id: str) -> Invoice:
    """Raises NotFound for another app's invoice too."""
    invoice = tx.one(INVOICE, id=invoice_id)
    if invoice is None or invoice.app_id != app_id:
        raise NotFound("invoice_not_found", "There is no invoice with this id.")
    return invoice


def pay(invoice: Invoice, *, paid_on: date, now: datetime) -> Invoice:
    revived = {"voided_at": None, "void_reason": None}  # that it was void stays in its events
    return _moved(invoice, "paid", paid_at=now, paid_on=paid_on, **revived)


def void(invoice: Invoice, reason: VoidReason, now: datetime) -> Invoice:
    return _moved(invoice, "void", voided_at=now, void_reason=reason)


def _moved(invoice: Invoice, to: Status, **changes: Any) -> Invoice:
    if to not in MOVES[invoice.status]:
        raise Conflict(
            "invoice_state",
            f"An invoice that is {invoice.status} cannot become {to}.",
            id=invoice.id,
            state=invoice.status,
        )
    return msgspec.structs.replace(invoice, status=to, **changes)
