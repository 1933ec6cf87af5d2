"""Verify charges: ask the gateway what became of a code, and settle when it says completed."""

import asyncio
from datetime import datetime

import msgspec
import structlog

from payment_service.actions.settle import settle
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import raise_alert
from payment_service.model.app import APP, App
from payment_service.model.charge import (
    CHARGE,
    CHARGE_LOCKED,
    DUE_CHARGES,
    Charge,
    after_failure,
    claim,
    moved,
    next_check,
)
from payment_service.outside.gateway import CodeStatus, GatewayError
from payment_service.runtime import Runtime

log = structlog.get_logger()

AT_ONCE = 16
"""Calls in flight: as many as the gateway is given for one project."""


async def verify_charge(runtime: Runtime, charge_id: str) -> None:
    """Ask about a charge whose lease this process holds, with no transaction open, and book it.

    A call that gave no answer is tried again later, with backoff, until there is one.
    """
    app, charge = await runtime.db.read(_app_and_charge, charge_id)
    gateway = runtime.gateway_of(app)
    if gateway is None:
        log.warning("charge_without_gateway", charge=charge_id, app=app.id)
        return
    try:
        reference = charge.reference
        if reference is None:
            # The process that asked for the code died before it stored the answer.
            reference = (await gateway.open(charge.id, charge.amount)).reference
        said = await gateway.status(charge.id, reference, charge.amount)
    except GatewayError as error:
        log.warning("status_call_failed", charge=charge_id, fault=error.fault, error=str(error))
        await runtime.db.write(_note_failure, charge_id, error, runtime.clock.now())
        return
    if said.status == "completed":
        payment = await runtime.db.write(
            settle, runtime.links, charge_id, said, runtime.clock.now()
        )
        log.info("payment", payment=payment.id, charge=charge_id, outcome=payment.outcome)
    else:
        await runtime.db.write(_note_unpaid, charge_id, said, runtime.clock.now())


async def sweep_charges(runtime: Runtime) -> int:
    """Verify the charges whose time has come, notice or not; how many there were."""
    due = await runtime.db.read(_due, runtime.clock.now())
    gate = asyncio.Semaphore(AT_ONCE)

    async def verify_one(charge: Charge) -> None:
        async with gate:
            if await runtime.db.write(claim, charge.id, runtime.clock.now()):
                await verify_charge(runtime, charge.id)

    await asyncio.gather(*(verify_one(charge) for charge in due))
    return len(due)


def _app_and_charge(tx: Transaction, charge_id: str) -> tuple[App, Charge]:
    charge = tx.one(CHARGE, id=charge_id)
    app = tx.one(APP, id=charge.app_id) if charge is not None else None
    if charge is None or app is None:
        raise LookupError(f"no charge {charge_id}")
    return app, charge


def _due(tx: Transaction, now: datetime) -> list[Charge]:
    return tx.all(DUE_CHARGES, now=now, limit=200)


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
    rested = msgspec.structs.replace(charge, lease_until=None, check_at=None, failed_checks=0)
    if charge.status in ("open", "replaced", "expired"):
        rested = moved(rested, "canceled")
    save(tx, charge, rested)


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
