"""Count tries to sign in: each is a failure from before it is looked at until it is forgiven.

So a thousand at once are slowed down like a thousand one after another.
"""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from payment_service.kit.sparing_log import SparingLog
from payment_service.kit.statements import Transaction, save
from payment_service.model.sign_in_try import (
    ADDRESS_WINDOW,
    BEGIN_COUNTING,
    FORGET_TRIES_OF,
    TRIES,
    SignInTry,
    is_locked,
    key_of_address,
    key_of_name,
    wait_of_address,
    wait_of_name,
)
from payment_service.runtime import Runtime

log = SparingLog()


class NotIn(msgspec.Struct, frozen=True):
    """A try that lets nobody in: `wait` seconds until the next one is looked at. `locked` is a name
    for which no password or code is looked at any more."""

    wait: int = 0
    locked: bool = False


async def hold_up(runtime: Runtime, email: str | None, address: str) -> NotIn | None:
    """Count a try before it is looked at, and say why it is not to be looked at, if so."""
    held = await runtime.db.write(take_try, email, address, runtime.clock.now())
    if held is not None:
        log.tell("sign_in_held_up", address, address=address, wait=held.wait, locked=held.locked)
    return held


def take_try(tx: Transaction, email: str | None, address: str, now: datetime) -> NotIn | None:
    """Why this try is not looked at, or None; then it has been counted. Without an email, which a
    passkey and a one-time code do not need, only the address counts."""
    # The address first, everywhere: who is held up there makes no row for a name. What is not there
    # yet is begun before it is looked at, so that of many at once each sees the one before.
    of_address = _counted(tx, key_of_address(address), now)
    wait = wait_of_address(of_address, now)
    of_name = None
    if email is not None and not wait:
        of_name = _counted(tx, key_of_name(email), now)
        if is_locked(of_name):
            return NotIn(locked=True)
        wait = wait_of_name(of_name, now)
    if wait:
        return NotIn(wait=-int(-wait.total_seconds() // 1))
    if now - of_address.first_at >= ADDRESS_WINDOW:
        of_address = save(tx, of_address, replace(of_address, failures=0, first_at=now))
    for known in filter(None, (of_address, of_name)):
        save(tx, known, replace(known, failures=known.failures + 1, last_at=now))
    return None


def forgive_try(tx: Transaction, email: str | None, address: str) -> None:
    """The try that was counted was a good one, as far as it went."""
    keys = [key_of_address(address), *([key_of_name(email)] if email is not None else [])]
    for key in keys:
        known = tx.one(TRIES, key=key)
        if known is not None and known.failures > 0:
            save(tx, known, replace(known, failures=known.failures - 1))


def forget_tries(tx: Transaction, email: str) -> None:
    """Whoever has this name has shown who they are: count anew."""
    tx.run(FORGET_TRIES_OF, key=key_of_name(email))


def _counted(tx: Transaction, key: str, now: datetime) -> SignInTry:
    """The row of this key, locked."""
    known = tx.one(TRIES, key=key)
    while known is None:  # it may be forgotten between the two
        tx.run(BEGIN_COUNTING, key=key, now=now)
        known = tx.one(TRIES, key=key)
    return known
