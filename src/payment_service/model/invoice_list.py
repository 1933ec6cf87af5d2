"""Lists of invoices, newest first: of an app, of one of its customers."""

from sqlalchemy import Text, or_

from payment_service.kit.schema import Number
from payment_service.kit.statements import param, query, rows_of
from payment_service.model.invoice import Invoice, invoices

INVOICES_OF_APP = query(
    rows_of(Invoice)
    .where(invoices.c.app_id == param("app_id"), invoices.c.id < param("before"))
    .order_by(invoices.c.id.desc())
    .limit(param("limit", Number)),
    Invoice,
)
INVOICES_OF_CUSTOMER = query(
    rows_of(Invoice)
    .where(
        invoices.c.customer_id == param("customer_id"),
        invoices.c.id < param("before"),
        or_(param("status", Text).is_(None), invoices.c.status == param("status", Text)),
    )
    .order_by(invoices.c.id.desc())
    .limit(param("limit", Number)),
    Invoice,
)
"""Of one status, or of all where that is None."""
