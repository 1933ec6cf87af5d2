"""The codes that the simulator has made: table, record, and what can happen to them."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import CheckConstraint, Column, Text, UniqueConstraint, text, update
from sqlalchemy.dialects import registry
from sqlalchemy.schema import CreateTable

from payment_service.kit import qris
from payment_service.kit.database import Database
from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Flag, Instant, Number, one_of, table
from payment_service.kit.statements import (
    Duplicate,
    Record,
    Transaction,
    add,
    command,
    param,
    query,
    rows_of,
    stored_in,
)

Status = Literal["pending", "completed", "canceled"]
Rounding = Literal["up", "down", "nearest"]
SMALLEST = 500
LARGEST = 10_000_000
CODE_MINUTES = 15
FORGOTTEN_AFTER = timedelta(hours=24)
MERCHANT = "TEST JANGAN DIBAYAR"

simulated_codes = table(
    "simulated_codes",
    Column("reference", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("order_id", Text, nullable=False),
    Column("amount", Number, nullable=False),
    Column("fee", Number, nullable=False),
    Column("total_payment", Number, nullable=False),
    Column("qr_string", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("is_sandbox", Flag, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("completed_at", Instant),
    UniqueConstraint("project", "order_id"),
    one_of("status", ("pending", "completed", "canceled")),
    CheckConstraint("amount > 0 AND fee >= 0", name="money"),
    CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed"),
)


@stored_in(simulated_codes)
class SimulatedCode(Record, frozen=True):
    """One transaction. Amounts in rupiah, instants in UTC."""

    reference: str
    project: str
    order_id: str
    amount: int
    fee: int
    total_payment: int
    """What the QR asks for."""
    qr_string: str
    status: Status
    is_sandbox: bool
    created_at: datetime
    expires_at: datetime
    """Until when the QR can be scanned; the transaction itself is canceled after 24 hours."""
    completed_at: datetime | None


_columns = simulated_codes.c
BY_REFERENCE = query(
    rows_of(SimulatedCode).where(_columns.reference == param("reference")), SimulatedCode
)
BY_ORDER = query(
    rows_of(SimulatedCode).where(
        _columns.project == param("project"), _columns.order_id == param("order_id")
    ),
    SimulatedCode,
)
COMPLETE = command(
    update(simulated_codes)
    .where(_columns.reference == param("key"), _columns.status == "pending")
    .values(status="completed", completed_at=param("now"))
)
CANCEL = command(
    update(simulated_codes)
    .where(_columns.reference == param("key"), _columns.status == "pending")
    .values(status="canceled")
)


async def open_code(
    db: Database,
    project: str,
    order_id: str,
    amount: int,
    now: datetime,
    *,
    code_minutes: int = CODE_MINUTES,
    is_sandbox: bool = True,
    buyer_pays: bool = True,
    rounding: Rounding = "up",
) -> SimulatedCode:
    """Find or create, also when two callers ask for the same order at once. Raises Conflict."""

    def unit(tx: Transaction) -> SimulatedCode:
        return find_or_create(
            tx,
            project,
            order_id,
            amount,
            now,
            code_minutes=code_minutes,
            is_sandbox=is_sandbox,
            buyer_pays=buyer_pays,
            rounding=rounding,
        )

    try:
        return await db.write(unit)
    except Duplicate:  # the other one's row is committed
        return await db.write(unit)


def find_or_create(
    tx: Transaction,
    project: str,
    order_id: str,
    amount: int,
    now: datetime,
    *,
    code_minutes: int = CODE_MINUTES,
    is_sandbox: bool = True,
    buyer_pays: bool = True,
    rounding: Rounding = "up",
) -> SimulatedCode:
    """The code of this order. Raises Conflict when it was made for another amount.

    With `buyer_pays` the QR asks for the amount and the fee, else for the amount. Raises
    Duplicate when another transaction makes the same order meanwhile (PostgreSQL).
    """
    found = tx.one(BY_ORDER, project=project, order_id=order_id)
    if found is not None:
        if found.amount != amount:
            raise Conflict("order_id_taken", "This order has a code for another amount.")
        return as_of(found, now)
    fee = fee_of(amount, rounding)
    total = amount + fee if buyer_pays else amount
    reference = new_id("sim", now)
    code = SimulatedCode(
        reference=reference,
        project=project,
        order_id=order_id,
        amount=amount,
        fee=fee,
        total_payment=total,
        qr_string=payload(reference, total),
        status="pending",
        is_sandbox=is_sandbox,
        created_at=now,
        expires_at=now + timedelta(minutes=code_minutes),
        completed_at=None,
    )
    add(tx, code)
    return code


def by_reference(tx: Transaction, reference: str, now: datetime) -> SimulatedCode | None:
    """The code with this reference as it stands at `now`."""
    code = tx.one(BY_REFERENCE, reference=reference)
    return None if code is None else as_of(code, now)


def get(tx: Transaction, project: str, order_id: str, now: datetime) -> SimulatedCode | None:
    """The code of this order as it stands at `now`."""
    code = tx.one(BY_ORDER, project=project, order_id=order_id)
    return None if code is None else as_of(code, now)


def complete(tx: Transaction, reference: str, now: datetime) -> SimulatedCode | None:
    """Pay it; the code as it then stands, canceled if it was, completed once and for all."""
    code = by_reference(tx, reference, now)
    if code is not None and code.status == "pending":
        tx.run(COMPLETE, key=reference, now=now)
        return by_reference(tx, reference, now)
    return code


def cancel(tx: Transaction, reference: str, now: datetime) -> SimulatedCode | None:
    """Forget it; the code as it then stands, which is completed if it was paid before."""
    code = by_reference(tx, reference, now)
    if code is not None and code.status == "pending":
        tx.run(CANCEL, key=reference)
        return by_reference(tx, reference, now)
    return code


def as_of(code: SimulatedCode, now: datetime) -> SimulatedCode:
    """Unpaid for 24 hours means canceled, without anybody writing it down."""
    if code.status == "pending" and now >= code.created_at + FORGOTTEN_AFTER:
        return msgspec.structs.replace(code, status="canceled")
    return code


def fee_of(amount: int, rounding: Rounding = "up") -> int:
    """Pakasir's fee for QRIS in rupiah. How it rounds a broken rupiah is not documented."""
    thousandths, fixed = (7, 310) if amount <= 105_000 else (10, 0)
    more = {"up": 999, "down": 0, "nearest": 500}[rounding]
    return (amount * thousandths + more) // 1000 + fixed


def payload(reference: str, total: int) -> str:
    """A well-formed QRIS that no bank can route: an acquirer and a national id of zeros."""
    return qris.build(
        amount=total,
        merchant=MERCHANT,
        city="SIMULATOR",
        account={
            "00": "ID.CO.EXAMPLE.WWW",
            "01": "0" * 18,
            "02": "0" * 15,
            "03": "UMI",
        },
        nmid="ID" + "0" * 13,
        reference=reference[-25:],
    )


def create_table(tx: Transaction, dialect: str) -> None:
    """Make the table where it is missing: the simulator's own file has no migrations."""
    ddl = CreateTable(simulated_codes, if_not_exists=True)
    tx.run(command(text(str(ddl.compile(dialect=registry.load(dialect)())))))
