"""A session: an admin's browser that is signed in; its token is known only to that browser."""

import secrets
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text, delete, update

from payment_service.kit.crypto import digest
from payment_service.kit.ids import new_id
from payment_service.kit.schema import Instant, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    add,
    command,
    param,
    query,
    rows_of,
    stored_in,
)
from payment_service.model.admin import Admin

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
PROOF_LASTS = timedelta(minutes=5)
"""How long money and secrets are open after a password or a factor was given."""
TOUCH_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=30)

sessions = table(
    "sessions",
    Column("id", Text, primary_key=True),
    Column("admin_id", Text, ForeignKey("admins.id"), nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("proven_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "admin_id", "created_at"),
    Index(None, "created_at"),
)


@stored_in(sessions)
class Session(Record, frozen=True):
    """`proven_at` is when it was last shown, by a factor, who sits there."""

    id: str
    admin_id: str
    token_hash: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    proven_at: datetime
    ended_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        return (
            self.ended_at is None
            and now - self.seen_at <= IDLE
            and now - self.created_at <= LONGEST
        )

    def is_proven(self, now: datetime) -> bool:
        return now - self.proven_at <= PROOF_LASTS


class Visitor(msgspec.Struct, frozen=True):
    """Where a request of an admin came from."""

    address: str
    agent: str
    request_id: str


SESSION_BY_TOKEN = query(
    rows_of(Session).where(sessions.c.token_hash == param("token_hash")), Session
)
OPEN_SESSIONS = query(
    rows_of(Session)
    .where(
        sessions.c.admin_id == param("admin_id"),
        sessions.c.created_at >= param("since"),
        sessions.c.ended_at.is_(None),
    )
    .order_by(sessions.c.created_at.desc())
    .limit(100),
    Session,
)
TOUCH_SESSION = command(
    update(sessions).where(sessions.c.id == param("session_id")).values(seen_at=param("now"))
)
PROVE_SESSION = command(
    update(sessions)
    .where(sessions.c.id == param("session_id"), sessions.c.ended_at.is_(None))
    .values(token_hash=param("new_hash"), proven_at=param("now"), seen_at=param("now"))
)
END_SESSION = command(
    update(sessions)
    .where(
        sessions.c.id == param("session_id"),
        sessions.c.admin_id == param("admin_id"),
        sessions.c.ended_at.is_(None),
    )
    .values(ended_at=param("now"))
)
END_SESSIONS = command(
    update(sessions)
    .where(
        sessions.c.admin_id == param("admin_id"),
        sessions.c.ended_at.is_(None),
        sessions.c.id != param("but"),
    )
    .values(ended_at=param("now"))
)
FORGET_SESSIONS = command(delete(sessions).where(sessions.c.created_at < param("before")))


def new_session_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def add_session(tx: Transaction, admin: Admin, visitor: Visitor, now: datetime) -> str:
    """The token of a new session of theirs."""
    token = new_session_token()
    session = Session(
        id=new_id("ses", now),
        admin_id=admin.id,
        token_hash=digest(token),
        agent=visitor.agent,
        address=visitor.address,
        created_at=now,
        seen_at=now,
        proven_at=now,
        ended_at=None,
    )
    add(tx, session)
    return token


def open_sessions(tx: Transaction, admin_id: str, now: datetime) -> list[Session]:
    """Those that would be let in now, newest first."""
    found = tx.all(OPEN_SESSIONS, admin_id=admin_id, since=now - LONGEST)
    return [session for session in found if session.is_live(now)]


def end_sessions(tx: Transaction, admin_id: str, now: datetime, *, but: str = "") -> int:
    """End all of an admin's, or all but one; how many those were."""
    return tx.run(END_SESSIONS, admin_id=admin_id, but=but, now=now)
