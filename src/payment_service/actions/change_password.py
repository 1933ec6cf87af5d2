"""Give an admin who is signed in another password; their other sessions end."""

import msgspec

from payment_service.books.count_tries import forget_tries
from payment_service.books.set_factor import hash_of_new
from payment_service.kit.statements import Transaction, save
from payment_service.model.admin import Admin, admin_by_id
from payment_service.model.audit import By, record
from payment_service.model.session import Session, end_sessions
from payment_service.runtime import Runtime


async def hash_of_changed(runtime: Runtime, admin: Admin, password: str) -> str:
    """To be kept by `change_password`. Raises Invalid for a password that will not do."""
    return await hash_of_new(runtime.passwords, admin, password)


def change_password(tx: Transaction, admin: Admin, session: Session, hashed: str, by: By) -> None:
    """A name that was locked is open again: what was guessed at is no longer there."""
    known = admin_by_id(tx, admin.id)
    record(tx, by, None, "admin.password_set", known.id)
    save(tx, known, msgspec.structs.replace(known, password_hash=hashed))
    end_sessions(tx, known.id, by.at, but=session.id)
    forget_tries(tx, known.email)
