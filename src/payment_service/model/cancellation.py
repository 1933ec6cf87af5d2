"""Canceling a code at its gateway: when it is asked to, and by which process.

`cancel_at` on the charge says when; `close_codes` sets it, and a process that asks moves it past
the end of its lease, so that another takes over when it dies.
"""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from payment_service.kit.schema import Number
from payment_service.kit.statements import Transaction, param, query, rows_of, save, value
from payment_service.model.charge import CHARGE_LOCKED, Charge, charges
from payment_service.model.verification import CALL_GAP, LEASE

AGAIN = (timedelta(minutes=1), timedelta(minutes=10))
"""What to wait after the first and the second call that failed; a third is the last."""
LIVING = ("open", "replaced", "expired")
"""A bank may take money for a code whose time is over."""

_due = charges.c.cancel_at <= param("now")
A_CODE_TO_CANCEL = value(
    select(charges.c.id).where(_due).order_by(charges.c.cancel_at).limit(1), str
)
CODES_TO_CANCEL = query(
    rows_of(Charge)
    .where(_due)
    .order_by(charges.c.cancel_at)
    .limit(param("most", Number))
    .with_for_update(skip_locked=True),
    Charge,
)
NEXT_CANCELLATION_OF_APP = value(
    select(charges.c.cancel_at)
    .where(charges.c.app_id == param("app_id"), charges.c.cancel_at.is_not(None))
    .order_by(charges.c.cancel_at)
    .limit(1),
    datetime,
)
CODES_OF_APP_TO_CANCEL = query(
    rows_of(Charge)
    .where(charges.c.app_id == param("app_id"), _due)
    .order_by(charges.c.cancel_at)
    .limit(param("most", Number))
    .with_for_update(skip_locked=True),
    Charge,
)


def lease_codes(tx: Transaction, most: int, now: datetime) -> list[Charge]:
    """Take the codes whose gateway is to be asked now; what needs no asking is done with."""
    return _lease(tx, tx.all(CODES_TO_CANCEL, most=most, now=now), now)


def lease_codes_of(tx: Transaction, app_id: str, most: int, now: datetime) -> list[Charge]:
    """The same of one app, by its own clock."""
    return _lease(tx, tx.all(CODES_OF_APP_TO_CANCEL, app_id=app_id, most=most, now=now), now)


def _lease(tx: Transaction, due: list[Charge], now: datetime) -> list[Charge]:
    leased = []
    for charge in due:
        if charge.status in LIVING and charge.reference is not None:
            later = msgspec.structs.replace(charge, cancel_at=now + LEASE)
            leased.append(save(tx, charge, later))
        else:
            save(tx, charge, msgspec.structs.replace(charge, cancel_at=None))
    return leased


def note_asked(tx: Transaction, charge_id: str, now: datetime) -> None:
    """The gateway has answered: its status call says soon what became of the code."""
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is None:
        return
    asked = msgspec.structs.replace(charge, cancel_at=None, cancel_tries=charge.cancel_tries + 1)
    if charge.status in LIVING:
        soon = max(now + CALL_GAP, charge.lease_until or now)
        asked = msgspec.structs.replace(asked, check_at=min(charge.check_at or soon, soon))
    save(tx, charge, asked)


def note_silence(tx: Transaction, charge_id: str, now: datetime) -> None:
    """No answer: ask again later, three times in all. The sweep goes on looking either way."""
    charge = tx.one(CHARGE_LOCKED, id=charge_id)
    if charge is None:
        return
    tries = charge.cancel_tries
    again = now + AGAIN[tries] if tries < len(AGAIN) else None
    save(tx, charge, msgspec.structs.replace(charge, cancel_at=again, cancel_tries=tries + 1))
