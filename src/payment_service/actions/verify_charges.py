"""Verify charges: ask the gateway what became of a code, and settle when it says completed."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import structlog

from payment_service.books.settle import settle
from payment_service.kit.metrics import Count
from payment_service.kit.statements import Transaction, save
from payment_service.model.alert import GATEWAY_ALERTS, clear_alerts, raise_alert
from payment_service.model.app import APPS_WITH_A_CLOCK, App
from payment_service.model.charge import CHARGE_LOCKED, MOVES, Charge, moved
from payment_service.model.payment import Payment
from payment_service.model.verification import (
    APPS_WITH_DUE_CHARGES,
    NEXT_CHECK_OF_APP,
    NOTICE_SAYS_SANDBOX,
    after_failure,
    claim_due,
    next_check,
)
from payment_service.outside.gateway import CodeStatus, GatewayError
from payment_service.resources import Links
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()
PAYMENTS = Count(
    "payments_total", "Payments that came over a gateway, by what they became.", "outcome"
)

AT_ONCE = 16
"""Charges of one app that a process asks about at a time: as many calls as a gateway is given."""
ASKING_SECONDS = 12
"""Less than the lease: whoever takes over must not meet us still asking."""
SILENT_AFTER = 6
"""Calls in a row without answer, some eleven minutes, after which the owner should know."""


class Claimed(NamedTuple):
    """A charge whose lease this process holds, and the app whose gateway to ask."""

    app: App
    charge: Charge


async def claim_due_charges(runtime: Runtime, busy: Counter[str]) -> list[Claimed]:
    """Take what to ask about now, notice or not; `busy` counts calls under way, by app.

    No more than can be begun at once: a lease must not run out while its charge waits.
    """
    now = runtime.clock.now()
    apps = {app.id: app for app in await runtime.db.read(_apps_with_due, now)}
    room = {app_id: AT_ONCE - busy[app_id] for app_id in apps if busy[app_id] < AT_ONCE}
    claimed: list[Claimed] = []
    for ahead in sorted({apps[app_id].clock_offset for app_id in room}):
        alike = {id_: most for id_, most in room.items() if apps[id_].clock_offset == ahead}
        charges = await runtime.db.write(claim_due, alike, now + timedelta(seconds=ahead))
        claimed += [Claimed(apps[charge.app_id], charge) for charge in charges]
    return claimed


async def claim_due_charges_of(runtime: Runtime, app: App) -> list[Claimed]:
    """The same for one app, by its own clock."""
    now = now_of(runtime, app)
    charges = await runtime.db.write(claim_due, {app.id: AT_ONCE}, now)
    return [Claimed(app, charge) for charge in charges]


async def verify_charge(runtime: Runtime, app: App, charge: Charge) -> None:
    """Ask about a charge whose lease this process holds, with no transaction open, and book it.

    A call that gave no answer is tried again later, with backoff, until there is one.
    """
    try:
        said = await _ask(runtime, app, charge)
    except GatewayError as error:
        log.warning("status_call_failed", charge=charge.id, fault=error.fault, error=str(error))
        await runtime.db.write(_note_failure, charge.id, error, now_of(runtime, app))
        return
    now = now_of(runtime, app)
    if said.status == "completed":
        payment = await runtime.db.write(_book, runtime.links, charge, said, now)
        PAYMENTS.add(payment.outcome)
        log.info("payment", payment=payment.id, charge=charge.id, outcome=payment.outcome)
    else:
        await runtime.db.write(_note_unpaid, charge.id, said, now)
    if charge.failed_checks:
        told = set(GATEWAY_ALERTS.values())
        await runtime.db.write(clear_alerts, app.id, told, runtime.clock.now())


async def _ask(runtime: Runtime, app: App, charge: Charge) -> CodeStatus:
    gateway = runtime.gateway_of(app)
    if gateway is None:
        raise GatewayError("refused", "the app has no gateway", retry=False)
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            reference = charge.reference
            if reference is None:
                # The answer that made the code is not stored: asking again finds the same one.
                reference = (await gateway.open(charge.order, charge.amount)).reference
            return await gateway.status(charge.order, reference, charge.amount)
    except TimeoutError as error:
        raise GatewayError("unreachable", "no answer in time", retry=True) from error


def _apps_with_due(tx: Transaction, now: datetime) -> list[App]:
    """Also those of the test apps whose own clock has reached the time."""
    ahead = [app for app in tx.all(APPS_WITH_A_CLOCK) if _is_due(tx, app, app.at(now))]
    return [*tx.all(APPS_WITH_DUE_CHARGES, now=now), *ahead]


def _is_due(tx: Transaction, app: App, now: datetime) -> bool:
    check_at = tx.one(NEXT_CHECK_OF_APP, app_id=app.id)
    return check_at is not None and check_at <= now


def _book(
    tx: Transaction, links: Links, charge: Charge, said: CodeStatus, now: datetime
) -> Payment:
    if said.is_sandbox is None and tx.one(NOTICE_SAYS_SANDBOX, charge_id=charge.id):
        # Version 1's status does not tell. A notice is no proof, but this one needs a person.
        said = msgspec.structs.replace(said, is_sandbox=True)
    payment = settle(tx, links, charge.id, said, now)
    if charge.status == "paid":  # booked before, and only the lease is left to give back
        _note_unpaid(tx, charge.id, said, now)
    return payment


def _note_unpaid(tx: Transaction, charge_id: str, said: CodeStatus, now: datetime) -> None:
    """Plan the next look; a code that the gateway has closed needs none."""
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is None:
        return
    seen = msgspec.structs.replace(charge, lease_until=None, failed_checks=0)
    if said.status == "canceled" and charge.status == "paid":
        # The money is there: what is settled stays settled, and a person should know.
        raise_alert(
            tx,
            app_id=charge.app_id,
            kind="paid_then_canceled",
            subject_id=charge.id,
            message="The gateway canceled a transaction that it had called completed.",
            now=now,
        )
    elif said.status == "canceled" and "canceled" in MOVES[charge.status]:
        seen = moved(seen, "canceled", cancel_at=None)
    elif charge.status == "open" and charge.expires_at is not None and now >= charge.expires_at:
        seen = moved(seen, "expired")
    save(tx, charge, msgspec.structs.replace(seen, check_at=next_check(seen, now)))


def _note_failure(tx: Transaction, charge_id: str, error: GatewayError, now: datetime) -> None:
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is None:
        return
    failures = charge.failed_checks + 1
    again = after_failure(charge, now, error.retry_after)
    save(
        tx,
        charge,
        msgspec.structs.replace(charge, lease_until=None, check_at=again, failed_checks=failures),
    )
    if error.retry and failures < SILENT_AFTER:
        return
    verb = "does not answer" if error.retry else "refuses"
    raise_alert(
        tx,
        app_id=charge.app_id,
        kind="gateway_unreachable" if error.retry else GATEWAY_ALERTS[error.fault],
        subject_id=charge.app_id,
        message=f"The gateway {verb} status calls: {error}. Check the app's gateway settings.",
        now=now,
    )
