"""Let an admin in, whose factors were right; and say in the log who was not let in."""

from datetime import datetime

import msgspec

from payment_service.books.accept_code import Factor
from payment_service.books.count_tries import forget_tries
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import Admin, admin_by_id
from payment_service.model.audit import By, record
from payment_service.model.draft import FORGET_DRAFTS
from payment_service.model.entrance import END_ENTRANCES, FORGET_ENTRANCES
from payment_service.model.session import FORGET_SESSIONS, KEPT, Visitor, add_session
from payment_service.model.sign_in_try import FORGET_TRIES
from payment_service.model.sign_in_try import KEPT as TRIES_KEPT
from payment_service.model.spent import FORGET_SPENT
from payment_service.model.spent import KEPT as SPENT_KEPT

NOBODY = "nobody"


def by(actor: str, reason: str, visitor: Visitor, now: datetime) -> By:
    return By(actor, reason, now, visitor.address, visitor.request_id)


def open_session(
    tx: Transaction, admin_id: str, how: Factor, visitor: Visitor, now: datetime
) -> str:
    """The token of their new session."""
    admin = admin_by_id(tx, admin_id)
    record(tx, by(admin.id, how, visitor, now), None, "sign_in", admin.id)
    save(tx, admin, msgspec.structs.replace(admin, signed_in_at=now))
    if how != "passkey":
        # A passkey proves nothing about the password, which somebody may still be guessing.
        forget_tries(tx, admin.email)
    tx.run(END_ENTRANCES, admin_id=admin.id)
    _forget_what_is_over(tx, now)
    return add_session(tx, admin, visitor, now)


def tell_refusal(
    tx: Transaction, admin: Admin | None, what: str, visitor: Visitor, now: datetime
) -> None:
    """Names that nobody has are told alike, and in the same time."""
    whose = admin.id if admin is not None else NOBODY
    record(tx, by(whose, what, visitor, now), None, "sign_in.refused", whose)


def _forget_what_is_over(tx: Transaction, now: datetime) -> None:
    tx.run(FORGET_SESSIONS, before=now - KEPT)
    tx.run(FORGET_ENTRANCES, before=now)
    tx.run(FORGET_DRAFTS, before=now)
    tx.run(FORGET_SPENT, before=now - SPENT_KEPT)
    tx.run(FORGET_TRIES, before=now - TRIES_KEPT)
