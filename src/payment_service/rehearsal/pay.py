"""Pay as a payer would: a code from the one place that opens them, money at the simulator, its
notice by the way of every notice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from payment_service.actions.open_charge import open_charge
from payment_service.actions.verify_charges import claim_due_charges_of, verify_charge
from payment_service.kit.clock import monotonic
from payment_service.kit.errors import Unavailable
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.charge import CHARGES_OF_INVOICE
from payment_service.model.clock_advance import check_simulated
from payment_service.model.invoice import Invoice, invoice_of_app
from payment_service.model.payer import KEPT, Step
from payment_service.outside.simulator.codes import complete
from payment_service.runtime import Runtime, now_of

Tell = Callable[[Runtime, App, str], Awaitable[None]]
"""Tells the service of the simulator's transaction with this reference, and ends when the service
has gone into it."""

SETTLED_WITHIN = 10.0
"""Seconds of the machine's: a code that was just asked about is asked about again 4 s later."""


async def pay_now(
    runtime: Runtime, app: App, invoice_id: str, tell: Tell, *, periods: int | None = None
) -> Invoice:
    """The invoice, paid, and what is asked for beyond its own period; None as `take_step` does.

    Raises NotFound, Conflict when it is not open, Invalid for periods that cannot be paid together,
    Unavailable when its payment is still on its way."""
    await runtime.db.read(invoice_of_app, app.id, invoice_id)  # what is another's is not there
    check_simulated(app)
    await take_step(runtime, app, invoice_id, "pay", tell, periods=periods)
    ends = monotonic() + SETTLED_WITHIN
    while True:
        invoice = await runtime.db.read(invoice_of_app, app.id, invoice_id)
        if invoice.status == "paid":
            return invoice
        if monotonic() >= ends:
            raise Unavailable(
                "payment_on_its_way",
                "The payment was made and is not booked yet; read the invoice in some seconds.",
                id=invoice_id,
            )
        await asyncio.sleep(0.25)
        for claimed in await claim_due_charges_of(runtime, app):
            await verify_charge(runtime, *claimed)


async def take_step(
    runtime: Runtime,
    app: App,
    invoice_id: str,
    step: Step,
    tell: Tell,
    *,
    periods: int | None = None,
) -> None:
    """What a payer does about an invoice: opens a code, pays it, an older one, or both.

    Without `periods` for as many as the code that is open was asked for: it is what a payer sees.
    """
    if periods is None:
        periods = await runtime.db.read(_periods_of_open_code, invoice_id)
    code = await open_charge(runtime, app.id, invoice_id, periods=periods)
    newest = code.charge.reference or ""
    if step == "open":
        return
    oldest = await runtime.db.read(_oldest, invoice_id, now_of(runtime, app) - KEPT) or newest
    paid = {"pay": [newest], "pay_old": [oldest], "pay_both": [newest, oldest]}[step]
    # First all the money, then word of it: what is paid with one code is canceled at the other.
    for reference in dict.fromkeys(paid):
        await runtime.db.write(complete, reference, now_of(runtime, app))
    for reference in dict.fromkeys(paid):
        await tell(runtime, app, reference)


def _periods_of_open_code(tx: Transaction, invoice_id: str) -> int:
    found = tx.all(CHARGES_OF_INVOICE, invoice_id=invoice_id)
    return next((one.periods for one in found if one.status in ("opening", "open")), 1)


def _oldest(tx: Transaction, invoice_id: str, since: datetime) -> str | None:
    """The reference of the oldest code that the simulator still knows as unpaid."""
    return next(
        (
            charge.reference
            for charge in tx.all(CHARGES_OF_INVOICE, invoice_id=invoice_id)
            if charge.reference is not None
            and charge.created_at > since
            and charge.status not in ("paid", "canceled")
        ),
        None,
    )
