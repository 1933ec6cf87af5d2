"""Draft a charge: asked for and not yet answered, as every code begins."""

from datetime import datetime

from payment_service.kit.ids import new_id
from payment_service.model.ahead import Ahead
from payment_service.model.charge import Charge
from payment_service.model.invoice import Invoice


def draft_charge(
    invoice: Invoice, gateway: str, amount: int, ahead: Ahead, now: datetime
) -> Charge:
    """For so many rupiah in all, of which `ahead` buys further periods."""
    return Charge(
        id=new_id("chg", now),
        app_id=invoice.app_id,
        invoice_id=invoice.id,
        gateway=gateway,
        status="opening",
        amount=amount,
        periods=ahead.periods,
        ahead=ahead.amount,
        order_id=None,
        reference=None,
        fee=None,
        gateway_fee=None,
        total_payment=None,
        qr_string=None,
        is_sandbox=None,
        opened_at=None,
        expires_at=None,
        shown_at=None,
        noticed_at=None,
        check_at=None,
        checked_at=None,
        failed_checks=0,
        lease_until=None,
        cancel_at=None,
        cancel_tries=0,
        created_at=now,
        version=1,
    )
