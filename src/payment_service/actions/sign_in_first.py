"""Sign in for the first time, or anew after a loss: a one-time code, a password, a factor."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from payment_service.books.check_passkey import check_new_passkey
from payment_service.books.count_tries import NotIn, forget_tries, forgive_try, hold_up
from payment_service.books.open_session import by, open_session, tell_refusal
from payment_service.books.set_factor import add_passkey, hash_of_new, set_totp
from payment_service.kit.crypto import SecretBox
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import ADMIN, ADMIN_BY_CODE, Admin, admin_by_id, hash_of_code
from payment_service.model.audit import record
from payment_service.model.entrance import add_entrance, entrance_of
from payment_service.model.passkey import NewPasskey
from payment_service.model.recovery_code import renew_codes
from payment_service.model.session import Visitor
from payment_service.runtime import Runtime


class In(NamedTuple):
    """They are in: the token of the session, and the recovery codes, shown this once."""

    token: str
    recovery_codes: list[str]


async def use_code(runtime: Runtime, typed: str, visitor: Visitor) -> str | NotIn:
    """The token of an entrance that leads to choosing a password; the code works no more."""
    db, now = runtime.db, runtime.clock.now()
    held = await hold_up(runtime, None, visitor.address)
    if held is not None:
        return held
    return await db.write(_use, typed, visitor, now)


async def choose_password(runtime: Runtime, token: str, password: str, visitor: Visitor) -> bool:
    """False when the entrance is over. Raises Invalid for a password that will not do."""
    now = runtime.clock.now()
    admin = await runtime.db.read(entering, token, now)
    if admin is None:
        return False
    hashed = await hash_of_new(runtime.passwords, admin, password)
    await runtime.db.write(_keep_password, admin.id, hashed, visitor, now)
    return True


async def begin_with_totp(
    runtime: Runtime, token: str, seed: str, code: str, visitor: Visitor
) -> In | None:
    """None when the entrance is over. Raises Invalid when the app's code does not fit."""
    now = runtime.clock.now()
    return await runtime.db.write(_begin_totp, token, seed, code, runtime.secrets, visitor, now)


async def begin_with_passkey(
    runtime: Runtime, token: str, answer: str, name: str, visitor: Visitor
) -> In | None:
    """None when the entrance is over. Raises Invalid when the answer is no new passkey."""
    now = runtime.clock.now()
    admin = await runtime.db.read(entering, token, now)
    if admin is None:
        return None
    made = await check_new_passkey(runtime, answer, admin.id)
    return await runtime.db.write(_begin_passkey, token, made, name, visitor, now)


def entering(tx: Transaction, token: str, now: datetime) -> Admin | None:
    """Whose one-time code was given a while ago."""
    entrance = entrance_of(tx, token, "code", now)
    admin = tx.one(ADMIN, id=entrance.admin_id) if entrance is not None else None
    return admin if admin is not None and admin.disabled_at is None else None


def _use(tx: Transaction, typed: str, visitor: Visitor, now: datetime) -> str | NotIn:
    admin = tx.one(ADMIN_BY_CODE, code_hash=hash_of_code(typed))
    if admin is None or admin.code_until is None or now > admin.code_until or admin.disabled_at:
        tell_refusal(tx, admin, "one-time code", visitor, now)
        return NotIn()
    record(tx, by(admin.id, "one-time code", visitor, now), None, "admin.code_used", admin.id)
    save(tx, admin, msgspec.structs.replace(admin, code_hash=None, code_until=None))
    forgive_try(tx, None, visitor.address)
    return add_entrance(tx, admin.id, "code", now)


def _keep_password(
    tx: Transaction, admin_id: str, hashed: str, visitor: Visitor, now: datetime
) -> None:
    admin = admin_by_id(tx, admin_id)
    record(tx, by(admin.id, "first sign-in", visitor, now), None, "admin.password_set", admin.id)
    save(tx, admin, msgspec.structs.replace(admin, password_hash=hashed))
    forget_tries(tx, admin.email)


def _begin_totp(
    tx: Transaction,
    token: str,
    seed: str,
    code: str,
    box: SecretBox,
    visitor: Visitor,
    now: datetime,
) -> In | None:
    admin = _with_password(tx, token, now)
    if admin is None:
        return None
    set_totp(tx, admin.id, seed, code, box, now)
    record(tx, by(admin.id, "first sign-in", visitor, now), None, "factor.totp_set", admin.id)
    codes = renew_codes(tx, admin.id)
    return In(open_session(tx, admin.id, "authenticator code", visitor, now), codes)


def _begin_passkey(
    tx: Transaction,
    token: str,
    made: NewPasskey,
    name: str,
    visitor: Visitor,
    now: datetime,
) -> In | None:
    admin = _with_password(tx, token, now)
    if admin is None:
        return None
    passkey = add_passkey(tx, admin.id, made, name, now)
    record(
        tx, by(admin.id, "first sign-in", visitor, now), None, "factor.passkey_added", admin.id,
        passkey=passkey.id,
    )  # fmt: skip
    codes = renew_codes(tx, admin.id)
    return In(open_session(tx, admin.id, "passkey", visitor, now), codes)


def _with_password(tx: Transaction, token: str, now: datetime) -> Admin | None:
    """Who is entering and has chosen a password. Raises Conflict where that is still to do."""
    admin = entering(tx, token, now)
    if admin is not None and admin.password_hash is None:
        raise Conflict("password_first", "Choose a password first.")
    return admin
