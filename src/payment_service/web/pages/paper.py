"""What a printed invoice or receipt is about: the invoice, both parties, and how it was paid."""

import msgspec

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App
from payment_service.model.charge import CHARGE, Charge
from payment_service.model.customer import CUSTOMER, Customer
from payment_service.model.invoice import INVOICE, Invoice
from payment_service.model.logo import LOGO
from payment_service.model.payment import PAYMENT_OF_INVOICE, Payment


class Paper(msgspec.Struct, frozen=True):
    """`payment` is the one that paid it; none where it is not paid, or was paid from credit. `logo`
    is the app's, in base64, or empty. `charge` is the code that it was paid with; none where it was
    paid by hand."""

    app: App
    customer: Customer
    invoice: Invoice
    payment: Payment | None
    logo: str
    charge: Charge | None = None

    @property
    def is_receipt(self) -> bool:
        return self.invoice.status == "paid"

    @property
    def paid(self) -> int:
        """Rupiah that came for it, beside the credit that it took."""
        return self.invoice.total - self.invoice.credit_applied if self.is_receipt else 0

    @property
    def fee(self) -> int:
        """Rupiah that the payer was debited for the code beyond what was owed."""
        if self.charge is None or self.charge.total_payment is None:
            return 0
        return self.charge.total_payment - self.charge.amount

    @property
    def receipt_number(self) -> str:
        return receipt_number(self.invoice)


def receipt_number(invoice: Invoice) -> str:
    """Of its own, and as unique as the invoice's: an invoice is paid once."""
    return f"{invoice.number}-K"


def paper_of(tx: Transaction, invoice_id: str) -> Paper:
    """Raises NotFound."""
    invoice = tx.one(INVOICE, id=invoice_id)
    if invoice is None:
        raise NotFound("invoice_not_found", "There is no invoice with this id.")
    app = tx.one(APP, id=invoice.app_id)
    customer = tx.one(CUSTOMER, id=invoice.customer_id)
    if app is None or customer is None:
        raise LookupError(f"{invoice.id} hangs on rows that are not there")
    is_paid = invoice.status == "paid"
    payment = tx.one(PAYMENT_OF_INVOICE, invoice_id=invoice.id) if is_paid else None
    logo = tx.one(LOGO, name=app.logo) if app.logo else None
    charge_id = payment.charge_id if payment is not None else None
    charge = tx.one(CHARGE, id=charge_id) if charge_id is not None else None
    return Paper(app, customer, invoice, payment, logo or "", charge)
