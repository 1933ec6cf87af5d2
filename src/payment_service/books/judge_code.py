"""Judge a code before a payer sees it: a wrong one would take money that nobody asked for."""

from payment_service.kit import qris
from payment_service.model.app import App
from payment_service.model.charge import Charge
from payment_service.outside.gateway import OpenedCode

FLAWS = {
    "total_payment": "its total is neither the amount nor the amount and the fee",
    "fee": "its fee is above 2 % and Rp1.000",
    "live": "the project is not in sandbox, and a test app takes no real money",
    "sandbox": "the project is in sandbox, and a live app takes no play money",
    "unreadable": "it is no QRIS",
    "crc": "its checksum is wrong",
    "currency": "it is not in rupiah",
    "amount": "it asks for another sum than the gateway says",
}


def flaw_of(app: App, charge: Charge, opened: OpenedCode) -> str | None:
    """What makes a code unfit to be shown to a payer, or None.

    The payer sees the sum in the code, so it must be the one the gateway named, and that must be
    what was asked for, or that and a fee of at most 2 % and Rp1.000. A test app takes no code that
    moves real money; a sandbox's codes are samples and need not be valid.
    """
    if opened.total_payment not in (charge.amount, charge.amount + opened.fee):
        return "total_payment"
    if not 0 <= opened.total_payment - charge.amount <= charge.amount * 2 // 100 + 1000:
        return "fee"
    if app.mode == "test":
        return "live" if opened.is_sandbox is False else None
    if opened.is_sandbox is True:
        return "sandbox"
    try:
        code = qris.parse(opened.qr_string)
    except qris.QrisError:
        return "unreadable"
    if not code.crc_ok:
        return "crc"
    if code.currency != "360":
        return "currency"
    return None if code.amount == opened.total_payment else "amount"
