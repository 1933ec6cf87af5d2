"""Cancel codes: ask gateways to take no more money for what is void or was paid otherwise.

Best effort, and nothing waits for it. Money that comes in spite of it is settled as all money is.
"""

from datetime import datetime

import structlog

from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS_WITH_A_CLOCK, App, app_by_id
from payment_service.model.cancellation import (
    A_CODE_TO_CANCEL,
    NEXT_CANCELLATION_OF_APP,
    lease_codes,
    lease_codes_of,
    note_asked,
    note_silence,
)
from payment_service.model.charge import Charge
from payment_service.outside.gateway import GatewayError
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()

CANCEL_AT_ONCE = 8
"""Calls of a process under way; gateways make two a second."""


async def lease_codes_to_cancel(runtime: Runtime, busy: int) -> list[Charge]:
    """Take the codes to be canceled now, as many as fit beside the `busy` calls under way."""
    room, now = CANCEL_AT_ONCE - busy, runtime.clock.now()
    if room <= 0:
        return []
    if await runtime.db.read(_is_due, now):
        return await runtime.db.write(lease_codes, room, now)
    ahead = await runtime.db.read(_apps_ahead, now)
    return await lease_codes_to_cancel_of(runtime, ahead[0], room) if ahead else []


async def lease_codes_to_cancel_of(
    runtime: Runtime, app: App, room: int = CANCEL_AT_ONCE
) -> list[Charge]:
    """The same for one app, by its own clock."""
    return await runtime.db.write(lease_codes_of, app.id, room, now_of(runtime, app))


async def cancel_code(runtime: Runtime, charge: Charge) -> None:
    """One call about a code that this process has leased, with no transaction open."""
    app = await runtime.db.read(app_by_id, charge.app_id)
    gateway = runtime.gateway_of(app)
    if gateway is not None and charge.reference is not None:
        try:
            await gateway.cancel(charge.order, charge.reference, charge.amount)
        except GatewayError as error:
            log.warning("code_not_canceled", charge=charge.id, fault=error.fault, error=str(error))
            if error.retry:
                await runtime.db.write(note_silence, charge.id, now_of(runtime, app))
                return
    await runtime.db.write(note_asked, charge.id, now_of(runtime, app))


def _is_due(tx: Transaction, now: datetime) -> bool:
    return tx.one(A_CODE_TO_CANCEL, now=now) is not None


def _apps_ahead(tx: Transaction, now: datetime) -> list[App]:
    """Test apps with something due by a clock of their own."""
    return [app for app in tx.all(APPS_WITH_A_CLOCK) if _is_due_for(tx, app, app.at(now))]


def _is_due_for(tx: Transaction, app: App, now: datetime) -> bool:
    cancel_at = tx.one(NEXT_CANCELLATION_OF_APP, app_id=app.id)
    return cancel_at is not None and cancel_at <= now
