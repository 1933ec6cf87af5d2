"""End sessions: one's own, all of one's own, or those of another admin."""

from datetime import datetime

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model import session as sessions
from payment_service.model.admin import admin_by_id
from payment_service.model.audit import By, record
from payment_service.model.session import END_SESSION


def end_session(tx: Transaction, admin_id: str, session_id: str, by: By, now: datetime) -> None:
    """Raises NotFound when it is not one of theirs, or has ended."""
    if not tx.run(END_SESSION, session_id=session_id, admin_id=admin_id, now=now):
        raise NotFound("session_not_found", "This session has ended already.")
    record(tx, by, None, "session.end", admin_id, session=session_id)


def end_sessions(tx: Transaction, admin_id: str, by: By, now: datetime, *, but: str = "") -> int:
    """All of theirs, or all but one; how many those were. Raises NotFound."""
    admin = admin_by_id(tx, admin_id)
    ended = sessions.end_sessions(tx, admin.id, now, but=but)
    record(tx, by, None, "session.end_all", admin.id, sessions=ended)
    return ended
