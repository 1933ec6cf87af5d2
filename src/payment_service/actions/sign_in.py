"""Sign an admin in: a password and then a code, or a passkey, which is both in one."""

from datetime import datetime

import msgspec

from payment_service.books.accept_code import accept_code
from payment_service.books.check_passkey import Signed, check_passkey, count_use
from payment_service.books.count_tries import NotIn, forgive_try, hold_up
from payment_service.books.open_session import open_session, tell_refusal
from payment_service.kit.crypto import SecretBox
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import ADMIN, ADMIN_BY_EMAIL, LOCK_ADMIN, Admin, admin_by_id
from payment_service.model.entrance import END_ENTRANCES, add_entrance, entrance_of
from payment_service.model.passkey import PASSKEYS_OF
from payment_service.model.session import Visitor
from payment_service.runtime import Runtime

BY_PASSKEY = "sign in"


async def give_password(
    runtime: Runtime, email: str, password: str, visitor: Visitor
) -> str | NotIn:
    """The token of an entrance, which leads to the second factor and nowhere else.

    A name that nobody has, one that is disabled and a wrong password take the same steps.
    """
    db, clock = runtime.db, runtime.clock
    held = await hold_up(runtime, email, visitor.address)
    if held is not None:
        return held
    admin = await db.read(_who, email)
    hashed = admin.password_hash if admin is not None else None
    fits = await runtime.passwords.fits(hashed, password)
    if admin is None or hashed is None or not fits:
        await db.write(tell_refusal, admin, "password", visitor, clock.now())
        return NotIn()
    renewed = await runtime.passwords.renewed(hashed, password)
    return await db.write(_let_halfway, admin, renewed, visitor, clock.now())


async def give_code(
    runtime: Runtime, token: str, typed: str, visitor: Visitor
) -> str | NotIn | None:
    """The token of a session; None when the entrance is over, and the password is asked again."""
    db, now = runtime.db, runtime.clock.now()
    admin = await db.read(halfway, token, now)
    if admin is None:
        return None
    held = await hold_up(runtime, admin.email, visitor.address)
    if held is not None:
        return held
    entered = await db.write(_enter_by_code, admin.id, typed, runtime.secrets, visitor, now)
    if isinstance(entered, NotIn):
        # As long as a wrong password takes: the answers must not tell one from the other.
        await runtime.passwords.fits(None, typed)
    return entered


async def give_passkey(runtime: Runtime, answer: str, visitor: Visitor) -> str | NotIn:
    """The token of a session. A passkey that has seen its owner's finger, face or PIN is two
    factors, and open to who is locked out because somebody else guesses their password."""
    db, now = runtime.db, runtime.clock.now()
    held = await hold_up(runtime, None, visitor.address)
    if held is not None:
        return held
    signed = await check_passkey(runtime, answer, BY_PASSKEY)
    if signed is None:
        await db.write(tell_refusal, None, "passkey", visitor, now)
        return NotIn()
    return await db.write(_enter_by_passkey, signed, visitor, now)


def halfway(tx: Transaction, token: str, now: datetime) -> Admin | None:
    """Whose password was given a while ago."""
    entrance = entrance_of(tx, token, "password", now)
    admin = tx.one(ADMIN, id=entrance.admin_id) if entrance is not None else None
    return admin if admin is not None and admin.disabled_at is None else None


def leave_halfway(tx: Transaction, admin_id: str) -> None:
    """“That is not me”: the password is asked again."""
    tx.run(END_ENTRANCES, admin_id=admin_id)


def _who(tx: Transaction, email: str) -> Admin | None:
    """Only somebody who may sign in: not disabled, and with a second factor."""
    admin = tx.one(ADMIN_BY_EMAIL, email=email.strip().lower())
    if admin is None or admin.disabled_at is not None:
        return None
    has_factor = admin.totp_seed is not None or tx.one(PASSKEYS_OF, admin_id=admin.id) is not None
    return admin if has_factor else None


def _let_halfway(
    tx: Transaction, admin: Admin, renewed: str | None, visitor: Visitor, now: datetime
) -> str | NotIn:
    known = admin_by_id(tx, admin.id)
    if known.password_hash != admin.password_hash or known.disabled_at is not None:
        return NotIn()
    if renewed is not None:
        save(tx, known, msgspec.structs.replace(known, password_hash=renewed))
    forgive_try(tx, known.email, visitor.address)
    return add_entrance(tx, known.id, "password", now)


def _enter_by_code(
    tx: Transaction, admin_id: str, typed: str, box: SecretBox, visitor: Visitor, now: datetime
) -> str | NotIn:
    admin = admin_by_id(tx, admin_id)
    factor = accept_code(tx, admin, typed, box, now)
    if factor is None:
        tell_refusal(tx, admin, "code", visitor, now)
        return NotIn()
    forgive_try(tx, None, visitor.address)
    return open_session(tx, admin_id, factor, visitor, now)


def _enter_by_passkey(
    tx: Transaction, signed: Signed, visitor: Visitor, now: datetime
) -> str | NotIn:
    admin = tx.one(LOCK_ADMIN, id=signed.passkey.admin_id)
    if admin is None or admin.disabled_at is not None or not count_use(tx, signed, now):
        tell_refusal(tx, admin, "passkey", visitor, now)
        return NotIn()
    forgive_try(tx, None, visitor.address)
    return open_session(tx, admin.id, "passkey", visitor, now)
