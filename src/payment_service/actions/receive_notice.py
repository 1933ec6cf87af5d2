"""Receive a notice: store that a gateway said something, and take the right to ask it."""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from payment_service.kit.crypto import SecretBox, same
from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.app import APP, App
from payment_service.model.charge import (
    CHARGE,
    CHARGE_BY_REFERENCE,
    CHARGE_OF_ORDER,
    Charge,
)
from payment_service.model.notice import STORE_NOTICE
from payment_service.model.verification import claim_noticed
from payment_service.runtime import Runtime, now_of


class Named(NamedTuple):
    """All that is read of a notice's body: which transaction it is about, and two hints.

    `says_sandbox` is None where the notice tells neither true nor false.
    """

    order_id: str
    reference: str | None
    status: str | None = None
    says_sandbox: bool | None = None


class Received(NamedTuple):
    """The app, and the charge that this process may verify now; None leaves it to the worker.

    `in_vain` says why nothing was stored.
    """

    app: App
    charge: Charge | None
    in_vain: Literal["unknown", "wrong_secret"] | None = None


async def receive_notice(
    runtime: Runtime, app_id: str, secret: str | None, named: Named, body: str
) -> Received:
    """Commit the notice; only then may it be answered.

    Nothing in it is believed: whoever has the secret can write one, and version 1 has none.
    What comes in vain is left to the caller to count: it must not cost a write each. Raises
    NotFound for an unknown app, and one that has no gateway.
    """
    app, charge = await runtime.db.read(_find, app_id, named)
    if app is None or app.gateway is None:
        raise NotFound("app_not_found", "No app receives notices here.")
    if not _is_let_in(app, secret, runtime.secrets):
        return Received(app, None, "wrong_secret")
    if charge is None:
        return Received(app, None, "unknown")
    now = now_of(runtime, app)
    if not await runtime.db.write(store_notice, charge, named, body, now):
        return Received(app, None)
    # As it was just stored: the answer that made the code may still be on its way.
    known = msgspec.structs.replace(charge, reference=charge.reference or named.reference)
    return Received(app, known)


def _find(tx: Transaction, app_id: str, named: Named) -> tuple[App | None, Charge | None]:
    app = tx.one(APP, id=app_id)
    charge = tx.one(CHARGE, id=named.order_id)
    if charge is None:  # an order that an older system named
        charge = tx.one(CHARGE_OF_ORDER, app_id=app_id, order_id=named.order_id)
    if charge is None and named.reference:
        charge = tx.one(CHARGE_BY_REFERENCE, app_id=app_id, reference=named.reference)
    if charge is not None and charge.app_id != app_id:
        charge = None
    return app, charge


def _is_let_in(app: App, secret: str | None, box: SecretBox) -> bool:
    """Version 1 signs nothing. An app of version 2 without a stored secret lets nobody in."""
    if app.gateway_version == "v1":
        return True
    if secret is None or app.gateway_webhook_secret is None:
        return False
    return same(secret, box.open(app.gateway_webhook_secret))


def store_notice(tx: Transaction, charge: Charge, named: Named, body: str, now: datetime) -> bool:
    """Whether the gateway may be asked now.

    `charge` may be older than this transaction. If it was paid in between, one needless question
    is the worst that comes of it.
    """
    tx.run(
        STORE_NOTICE,
        charge_id=charge.id,
        app_id=charge.app_id,
        body=body,
        says_sandbox=named.says_sandbox,
        now=now,
    )
    # What is paid stays paid; but that the gateway takes it back, a person must know.
    takes_back = named.status not in (None, "completed")
    return (charge.status != "paid" or takes_back) and claim_noticed(
        tx, charge.id, named.reference, now, even_paid=takes_back
    )
