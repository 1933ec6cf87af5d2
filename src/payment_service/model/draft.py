"""A draft: what an admin had filled in when their session ended, kept for the same admin."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Text, delete

from payment_service.kit.crypto import SecretBox
from payment_service.kit.ids import new_token
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

LASTS = timedelta(minutes=10)

drafts = table(
    "drafts",
    Column("id", Text, primary_key=True),
    Column("admin_id", Text, ForeignKey("admins.id"), nullable=False),
    Column("page", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "admin_id"),
    Index(None, "expires_at"),
)


@stored_in(drafts)
class Draft(Record, frozen=True):
    """`page` is where its form is, `action` where the form goes, `fields` what was filled in. They
    are sealed, for one of them may be a secret."""

    id: str
    admin_id: str
    page: str
    action: str
    fields: str
    expires_at: datetime


DRAFT = query(rows_of(Draft).where(drafts.c.id == param("id")), Draft)
DRAFTS_OF = query(
    rows_of(Draft)
    .where(drafts.c.admin_id == param("admin_id"))
    .order_by(drafts.c.expires_at.desc())
    .limit(1),
    Draft,
)
END_DRAFTS = command(delete(drafts).where(drafts.c.admin_id == param("admin_id")))
FORGET_DRAFTS = command(delete(drafts).where(drafts.c.expires_at < param("before")))


def keep_draft(
    tx: Transaction,
    box: SecretBox,
    admin_id: str,
    page: str,
    action: str,
    fields: dict[str, str],
    now: datetime,
) -> Draft:
    """An admin has one at a time, the newest."""
    tx.run(END_DRAFTS, admin_id=admin_id)
    sealed = box.seal(msgspec.json.encode(fields).decode())
    draft = Draft(new_token(), admin_id, page, action, sealed, now + LASTS)
    add(tx, draft)
    return draft


def draft_of(tx: Transaction, admin_id: str, now: datetime) -> Draft | None:
    """The one that still waits for this admin."""
    found = tx.one(DRAFTS_OF, admin_id=admin_id)
    return found if found is not None and now <= found.expires_at else None


def fields_of(box: SecretBox, draft: Draft) -> dict[str, str]:
    opened = box.open_if_ours(draft.fields)
    return {} if opened is None else msgspec.json.decode(opened, type=dict[str, str])
