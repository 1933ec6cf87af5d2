"""Verify charges: ask the gateway what became of a code, and settle when it says completed."""

from datetime import datetime

import msgspec
import structlog

from payment_service.books.settle import settle
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import raise_alert
from payment_service.model.app import App, app_by_id
from payment_service.model.charge import CHARGE_LOCKED, Charge, moved
from payment_service.model.verification import (
    DUE_CHARGES,
    after_failure,
    claim,
    next_check,
)
from payment_service.outside.gateway import CodeStatus, GatewayError
from payment_service.runtime import Runtime

log = structlog.get_logger()

AT_ONCE = 16
"""Charges of one app that a worker asks about at a time: as many calls as a gateway is given."""


async def verify_charge(runtime: Runtime, app: App, charge: Charge) -> None:
    """Ask about a charge whose lease this process holds, with no transaction open, and book it.

    A call that gave no answer is tried again later, with backoff, until there is one.
    """
    gateway = runtime.gateway_of(app)
    if gateway is None:
        log.warning("charge_without_gateway", charge=charge.id, app=app.id)
        return
    try:
        reference = charge.reference
        if reference is None:
            # The answer that made the code is not stored: asking again finds the same one.
            reference = (await gateway.open(charge.id, charge.amount)).reference
        said = await gateway.status(charge.id, reference, charge.amount)
    except GatewayError as error:
        log.warning("status_call_failed", charge=charge.id, fault=error.fault, error=str(error))
        await runtime.db.write(_note_failure, charge.id, error, runtime.clock.now())
        return
    if said.status == "completed":
        payment = await runtime.db.write(
            settle, runtime.links, charge.id, said, runtime.clock.now()
        )
        log.info("payment", payment=payment.id, charge=charge.id, outcome=payment.outcome)
    else:
        await runtime.db.write(_note_unpaid, charge.id, said, runtime.clock.now())


async def due_charges(runtime: Runtime) -> list[Charge]:
    """The charges to ask about now, notice or not; at most AT_ONCE of each app."""
    return await runtime.db.read(_due, runtime.clock.now())


async def verify_due(runtime: Runtime, charge: Charge) -> None:
    """Verify a charge whose time has come, unless another process has taken it."""
    if await runtime.db.write(claim, charge.id, runtime.clock.now()):
        app = await runtime.db.read(app_by_id, charge.app_id)
        await verify_charge(runtime, app, charge)


def _due(tx: Transaction, now: datetime) -> list[Charge]:
    return tx.all(DUE_CHARGES, now=now, each=AT_ONCE)


def _note_unpaid(tx: Transaction, charge_id: str, said: CodeStatus, now: datetime) -> None:
    """Plan the next look; a code that the gateway has closed needs none."""
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is None:
        return
    if said.status == "canceled":
        _note_canceled(tx, charge, now)
        return
    seen = msgspec.structs.replace(charge, lease_until=None, failed_checks=0)
    if seen.expires_at is not None and now >= seen.expires_at and seen.status == "open":
        seen = moved(seen, "expired")
    save(tx, charge, msgspec.structs.replace(seen, check_at=next_check(seen, now)))


def _note_canceled(tx: Transaction, charge: Charge, now: datetime) -> None:
    if charge.status == "paid":
        # The money is there: what is settled stays settled, and a person should know.
        raise_alert(
            tx,
            app_id=charge.app_id,
            kind="paid_then_canceled",
            subject_id=charge.id,
            message="The gateway canceled a transaction that it had called completed.",
            now=now,
        )
        return
    rested = msgspec.structs.replace(charge, lease_until=None, failed_checks=0)
    if charge.status in ("open", "replaced", "expired"):
        rested = moved(rested, "canceled")
    save(tx, charge, msgspec.structs.replace(rested, check_at=next_check(rested, now)))


def _note_failure(tx: Transaction, charge_id: str, error: GatewayError, now: datetime) -> None:
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is None or charge.status == "paid":
        return
    again = after_failure(charge, now)
    failed = msgspec.structs.replace(
        charge, lease_until=None, check_at=again, failed_checks=charge.failed_checks + 1
    )
    save(tx, charge, failed)
    if not error.retry:
        raise_alert(
            tx,
            app_id=charge.app_id,
            kind=f"gateway_{error.fault}",
            subject_id=charge.app_id,
            message=f"The gateway refuses status calls: {error}. Check the app's credentials.",
            now=now,
        )
