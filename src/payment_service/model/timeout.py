"""Invoices whose time is over, and the codes that must be asked about before they are void."""

from datetime import datetime

from sqlalchemy import exists, literal, or_, select, update

from payment_service.kit.schema import Instant, Number
from payment_service.kit.statements import command, param, query, rows_of, value
from payment_service.model.charge import charges
from payment_service.model.due import UNCHECKED
from payment_service.model.invoice import Invoice, invoices

TIMED_OUT = query(
    rows_of(Invoice)
    .where(
        invoices.c.app_id == param("app_id"),
        invoices.c.status == "open",
        invoices.c.void_at <= param("now"),
        invoices.c.id > param("after"),
    )
    .order_by(invoices.c.id)
    .limit(param("limit", Number)),
    Invoice,
)
NEXT_TIMEOUT = value(
    select(invoices.c.void_at)
    .where(
        invoices.c.app_id == param("app_id"),
        invoices.c.status == "open",
        invoices.c.void_at.is_not(None),
    )
    .order_by(invoices.c.void_at)
    .limit(1),
    datetime,
)
MAY_HAVE_MONEY = value(
    select(literal(1)).where(
        exists(select(literal(1)).where(charges.c.invoice_id == param("invoice_id"), UNCHECKED))
    ),
    int,
)
"""Whether the gateway was not asked about one of the invoice's codes since `fresh_since`."""
ASK_ABOUT_CODES_OF_INVOICE = command(
    update(charges)
    .where(
        charges.c.invoice_id == param("invoice_id"),
        UNCHECKED,
        or_(charges.c.check_at.is_(None), charges.c.check_at > param("now", Instant())),
    )
    .values(check_at=param("now"), version=charges.c.version + 1)
)
