"""Show once more who sits there, before money moves or a secret is shown."""

from datetime import datetime

from payment_service.books.accept_code import Factor, accept_code
from payment_service.books.check_passkey import Signed, check_passkey, count_use
from payment_service.books.count_tries import NotIn, forget_tries, forgive_try, hold_up
from payment_service.books.open_session import by, tell_refusal
from payment_service.kit.crypto import SecretBox, digest
from payment_service.kit.statements import Transaction
from payment_service.model.admin import Admin, admin_by_id
from payment_service.model.audit import record
from payment_service.model.session import PROVE_SESSION, Session, Visitor, new_session_token
from payment_service.runtime import Runtime


async def step_up_by_code(
    runtime: Runtime, admin: Admin, session: Session, typed: str, visitor: Visitor
) -> str | NotIn:
    """The session's new token; the old one is dead."""
    db, now = runtime.db, runtime.clock.now()
    held = await hold_up(runtime, admin.email, visitor.address)
    if held is not None:
        return held
    return await db.write(_by_code, admin.id, session, typed, runtime.secrets, visitor, now)


async def step_up_by_passkey(
    runtime: Runtime, admin: Admin, session: Session, answer: str, visitor: Visitor
) -> str | NotIn:
    """The session's new token; the old one is dead."""
    db, now = runtime.db, runtime.clock.now()
    held = await hold_up(runtime, None, visitor.address)
    if held is not None:
        return held
    signed = await check_passkey(runtime, answer, purpose_of(session))
    return await db.write(_by_passkey, admin.id, session, signed, visitor, now)


def purpose_of(session: Session) -> str:
    """What a passkey's challenge is for: this session and no other."""
    return f"step up {session.id}"


def _by_code(
    tx: Transaction,
    admin_id: str,
    session: Session,
    typed: str,
    box: SecretBox,
    visitor: Visitor,
    now: datetime,
) -> str | NotIn:
    admin = admin_by_id(tx, admin_id)
    factor = accept_code(tx, admin, typed, box, now)
    if factor is None:
        tell_refusal(tx, admin, "code", visitor, now)
        return NotIn()
    forget_tries(tx, admin.email)
    return _proven(tx, admin, session, factor, visitor, now)


def _by_passkey(
    tx: Transaction,
    admin_id: str,
    session: Session,
    signed: Signed | None,
    visitor: Visitor,
    now: datetime,
) -> str | NotIn:
    admin = admin_by_id(tx, admin_id)
    if signed is None or signed.passkey.admin_id != admin_id or not count_use(tx, signed, now):
        tell_refusal(tx, admin, "passkey", visitor, now)
        return NotIn()
    return _proven(tx, admin, session, "passkey", visitor, now)


def _proven(
    tx: Transaction, admin: Admin, session: Session, how: Factor, visitor: Visitor, now: datetime
) -> str | NotIn:
    token = new_session_token()
    if not tx.run(PROVE_SESSION, session_id=session.id, new_hash=digest(token), now=now):
        return NotIn()
    forgive_try(tx, None, visitor.address)
    record(tx, by(admin.id, how, visitor, now), None, "step_up", admin.id)
    return token
