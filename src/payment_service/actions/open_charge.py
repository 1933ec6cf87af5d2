"""Open a charge: the QRIS code for an invoice, reused while it lives long enough, else fresh."""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import msgspec
import structlog

from payment_service.books.draft_charge import draft_charge
from payment_service.books.judge_code import FLAWS, flaw_of
from payment_service.kit.errors import Conflict, Invalid, Unavailable
from payment_service.kit.money import rupiah
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.ahead import ahead_of
from payment_service.model.alert import GATEWAY_ALERTS, raise_alert
from payment_service.model.app import App, app_by_id
from payment_service.model.bill import needed
from payment_service.model.charge import (
    CHARGE_LOCKED,
    OPEN_CHARGE,
    Charge,
    is_reusable,
    moved,
)
from payment_service.model.invoice import INVOICE_LOCKED, Invoice, invoice_of_app
from payment_service.model.plan import PLAN
from payment_service.outside.gateway import Gateway, GatewayError, OpenedCode
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()

FIRST_CHECK = timedelta(minutes=2)


class Code(NamedTuple):
    """A charge whose code can be shown, and the invoice it pays."""

    charge: Charge
    invoice: Invoice
    qr_string: str
    expires_at: datetime


async def open_charge(runtime: Runtime, app_id: str, invoice_id: str, *, periods: int = 1) -> Code:
    """The invoice's code, shown or handed out now. Concurrent calls get the same one.

    `periods` are those to pay in all, the invoice's own first.

    The charge is committed before the gateway is asked, so a notice always finds it, and a call
    of unknown outcome is repeated under the same order id. Raises NotFound, Conflict when the
    invoice is not open or no gateway is set up, Unavailable when the gateway gives no code.
    """
    app = await runtime.db.read(app_by_id, app_id)
    gateway = runtime.gateway_of(app)
    if gateway is None:
        await runtime.db.read(invoice_of_app, app_id, invoice_id)
        raise Conflict(
            "gateway_not_configured",
            "This app has no payment gateway yet; set up its Pakasir project first.",
        )
    kind = app.gateway or "simulator"
    # Twice, because the code found under an order that was asked for long ago may have run out.
    for _ in range(2):
        prepared = await runtime.db.write(
            _prepare, app_id, invoice_id, periods, kind, _limits(gateway), now_of(runtime, app)
        )
        if prepared.charge.status == "opening":
            prepared = await runtime.opening.run(
                prepared.charge.id, partial(_open, runtime, app, gateway, prepared)
            )
        if prepared.charge.status != "expired":
            break
    if prepared.invoice.status != "open" or prepared.charge.status == "paid":
        # It was paid or voided while the gateway made the code: money can outrun that answer.
        raise _needs_no_code(prepared)
    if prepared.charge.status != "open":
        raise Unavailable(
            "code_refused",
            "The gateway's code was not fit to be shown; the next call asks for another.",
        )
    return _code(prepared)


async def _open(runtime: Runtime, app: App, gateway: Gateway, prepared: "Prepared") -> "Prepared":
    """Ask the gateway for the charge's code, with no transaction open, and store what it gave."""
    try:
        opened = await gateway.open(prepared.charge.order, prepared.charge.amount)
    except GatewayError as error:
        log.warning("code_not_opened", charge=prepared.charge.id, fault=error.fault)
        now = now_of(runtime, app)
        after = await runtime.db.write(_note_refusal, prepared, error, now)
        if after.charge.status in ("open", "paid"):  # another process had better luck
            return after
        raise Unavailable(
            "gateway_unavailable",
            "The payment gateway gives no code now; the invoice is unchanged. Ask again.",
            retry_after=max(1, round(error.retry_after or 5)),
        ) from error
    flaw = flaw_of(app, prepared.charge, opened)
    return await runtime.db.write(_store, prepared, opened, flaw, now_of(runtime, app))


class Prepared(NamedTuple):
    charge: Charge
    invoice: Invoice


def _limits(gateway: Gateway) -> tuple[int, int]:
    return gateway.smallest, gateway.largest


def _prepare(
    tx: Transaction,
    app_id: str,
    invoice_id: str,
    periods: int,
    kind: str,
    limits: tuple[int, int],
    now: datetime,
) -> Prepared:
    """The open charge when it can be handed out again, else one whose code is still to come."""
    invoice_of_app(tx, app_id, invoice_id)
    # Locked, so that of many concurrent calls one makes the charge and the rest find it.
    invoice = tx.one(INVOICE_LOCKED, id=invoice_id)
    if invoice is None or invoice.status != "open":
        status = invoice.status if invoice else "gone"
        raise Conflict(
            f"invoice_{status}", f"This invoice is {status}; it needs no code.", id=invoice_id
        )
    plan = tx.one(PLAN, id=invoice.plan_id) if invoice.plan_id is not None else None
    ahead = ahead_of(invoice, plan, periods)
    amount = needed(invoice, ahead)
    smallest, largest = limits
    if not smallest <= amount <= largest:
        raise Invalid(
            "amount_outside_limits",
            f"The gateway takes {rupiah(smallest)} to {rupiah(largest)} at once.",
        )
    charge = tx.one(OPEN_CHARGE, invoice_id=invoice_id)
    if charge is not None and is_reusable(charge, amount, periods, now):
        return Prepared(_shown(tx, charge, now), invoice)
    if charge is not None:
        ended = charge.expires_at is not None and now >= charge.expires_at
        save(tx, charge, moved(charge, "expired" if ended else "replaced"))
    fresh = draft_charge(invoice, kind, amount, ahead, now)
    add(tx, fresh)
    return Prepared(fresh, invoice)


def _shown(tx: Transaction, charge: Charge, now: datetime) -> Charge:
    """Handing the code out again starts its half hour of closer looks anew."""
    if charge.status != "open":
        return charge
    check_at = min(charge.check_at or now + FIRST_CHECK, now + FIRST_CHECK)
    return save(tx, charge, msgspec.structs.replace(charge, shown_at=now, check_at=check_at))


def _store(
    tx: Transaction, prepared: Prepared, opened: OpenedCode, flaw: str | None, now: datetime
) -> Prepared:
    """Keep what the gateway made. A flawed code is kept too: money may come on it all the same."""
    invoice = tx.one(INVOICE_LOCKED, id=prepared.invoice.id)
    charge = tx.one(CHARGE_LOCKED, id=prepared.charge.id)
    if invoice is None or charge is None:
        raise LookupError(f"no charge {prepared.charge.id}")
    if charge.status != "opening":  # another call was answered first, or money has come already
        return Prepared(charge, invoice)
    known = msgspec.structs.replace(
        charge,
        reference=opened.reference,
        fee=opened.total_payment - charge.amount,
        gateway_fee=opened.fee,
        total_payment=opened.total_payment,
        qr_string=opened.qr_string,
        is_sandbox=opened.is_sandbox,
        opened_at=now,
        expires_at=opened.expires_at,
        check_at=charge.check_at or now + FIRST_CHECK,
        # The invoice may have been voided, or paid otherwise, while the gateway was asked.
        cancel_at=None if invoice.status == "open" else now,
    )
    if opened.expires_at <= now:
        return Prepared(save(tx, charge, moved(known, "expired")), invoice)
    if flaw is None:
        return Prepared(save(tx, charge, moved(known, "open", shown_at=now)), invoice)
    known = msgspec.structs.replace(known, fee=max(known.fee or 0, 0))
    raise_alert(
        tx,
        app_id=charge.app_id,
        kind="code_refused",
        subject_id=charge.id,
        message=f"The gateway's code for {invoice.number} was not shown: {FLAWS[flaw]}.",
        now=now,
    )
    return Prepared(save(tx, charge, moved(known, "failed")), invoice)


def _note_refusal(
    tx: Transaction, prepared: Prepared, error: GatewayError, now: datetime
) -> Prepared:
    """How the charge stands after a refusal; tell the owner of one that will not pass by itself.

    An answer that makes no sense would come again for the same order id, so that one is given up;
    a notice that names it still finds it.
    """
    charge = tx.one(CHARGE_LOCKED, id=prepared.charge.id)
    if charge is None:
        raise LookupError(f"no charge {prepared.charge.id}")
    if error.retry or charge.status != "opening":
        return prepared._replace(charge=charge)
    if error.fault == "nonsense":
        charge = save(tx, charge, moved(charge, "failed"))
    raise_alert(
        tx,
        app_id=charge.app_id,
        kind=GATEWAY_ALERTS[error.fault],
        subject_id=charge.app_id,
        message=f"The gateway gives no codes: {error}. Check the app's gateway settings.",
        now=now,
    )
    return prepared._replace(charge=charge)


def _needs_no_code(prepared: Prepared) -> Conflict:
    status = "paid" if prepared.charge.status == "paid" else prepared.invoice.status
    return Conflict(
        f"invoice_{status}", f"This invoice is {status}; it needs no code.", id=prepared.invoice.id
    )


def _code(prepared: Prepared) -> Code:
    charge = prepared.charge
    if charge.qr_string is None or charge.expires_at is None:
        raise LookupError(f"the open charge {charge.id} has no code")
    return Code(charge, prepared.invoice, charge.qr_string, charge.expires_at)
