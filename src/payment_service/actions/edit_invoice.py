"""Edit an invoice: what the app keeps with it. What is owed, and by whom, stays as issued."""

from typing import Any

import msgspec

from payment_service.kit.statements import Transaction, save
from payment_service.model.brought import TERMS
from payment_service.model.invoice import (
    IMPORTED_NUMBER,
    INVOICE_LOCKED,
    Invoice,
    invoice_of_app,
)
from payment_service.model.plan import check_metadata

OF_IMPORT = (IMPORTED_NUMBER, TERMS)


def edit_invoice(
    tx: Transaction, app_id: str, invoice_id: str, metadata: dict[str, Any] | None
) -> Invoice:
    """Metadata is replaced whole, and None leaves it; what an import keeps there stays as it is:
    money depends on it. No event tells of it. Raises NotFound, Invalid."""
    invoice_of_app(tx, app_id, invoice_id)
    invoice = tx.one(INVOICE_LOCKED, id=invoice_id)
    if invoice is None:
        raise LookupError(f"no invoice {invoice_id}")
    if metadata is None:
        return invoice
    check_metadata("metadata", metadata)
    theirs = {name: one for name, one in metadata.items() if name not in OF_IMPORT}
    ours = {name: one for name, one in invoice.metadata.items() if name in OF_IMPORT}
    return save(tx, invoice, msgspec.structs.replace(invoice, metadata=theirs | ours))
