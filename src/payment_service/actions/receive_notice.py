"""Receive a notice: store that a gateway said something, and take the right to ask it."""

from datetime import datetime
from typing import NamedTuple

import msgspec
import structlog

from payment_service.kit.crypto import same
from payment_service.kit.errors import NotFound, Unauthorized
from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App
from payment_service.model.charge import CHARGE, CHARGE_BY_REFERENCE, Charge
from payment_service.model.notice import STORE_NOTICE
from payment_service.model.verification import claim_noticed
from payment_service.runtime import Runtime

log = structlog.get_logger()


class Named(NamedTuple):
    """All that is read of a notice's body: which transaction it is about."""

    order_id: str
    reference: str | None


class Received(NamedTuple):
    """The app, and the charge that this process may verify now; None leaves it to the worker."""

    app: App
    charge: Charge | None


async def receive_notice(
    runtime: Runtime, app_id: str, secret: str | None, named: Named, body: str
) -> Received:
    """Commit the notice; only then may it be answered.

    Nothing in it is believed: whoever has the secret can write one. Raises NotFound for an
    unknown app and Unauthorized for a wrong secret.
    """
    app, charge = await runtime.db.read(_find, app_id, named)
    if app is None or app.gateway_webhook_secret is None:
        raise NotFound("app_not_found", "No app receives notices here.")
    if secret is None or not same(secret, runtime.secrets.open(app.gateway_webhook_secret)):
        log.warning("notice_with_wrong_secret", app=app_id)
        raise Unauthorized("wrong_secret", "The X-Secret header is not this app's.")
    if charge is None:
        log.info("notice_for_unknown_order", app=app_id)
        return Received(app, None)
    now = runtime.clock.now()
    may_ask = await runtime.db.write(_store, charge, named.reference, body, now)
    if not may_ask:
        return Received(app, None)
    # As it was just stored: the answer that made the code may still be on its way.
    known = msgspec.structs.replace(charge, reference=charge.reference or named.reference)
    return Received(app, known)


def _find(tx: Transaction, app_id: str, named: Named) -> tuple[App | None, Charge | None]:
    app = tx.one(APP, id=app_id)
    charge = tx.one(CHARGE, id=named.order_id)
    if charge is None and named.reference:
        charge = tx.one(CHARGE_BY_REFERENCE, app_id=app_id, reference=named.reference)
    if charge is not None and charge.app_id != app_id:
        charge = None
    return app, charge


def _store(
    tx: Transaction, charge: Charge, reference: str | None, body: str, now: datetime
) -> bool:
    tx.run(STORE_NOTICE, charge_id=charge.id, app_id=charge.app_id, body=body, now=now)
    return charge.status != "paid" and claim_noticed(tx, charge.id, reference, now)
