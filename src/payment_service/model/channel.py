"""A channel: where the owner is told of alerts, beside what the environment sets."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Column, Text, delete, func, select, update

from payment_service.kit.crypto import digest
from payment_service.kit.errors import NotFound
from payment_service.kit.schema import Instant, Number, one_of, table
from payment_service.kit.statements import (
    Record,
    Transaction,
    command,
    param,
    query,
    rows_of,
    stored_in,
    value,
)

ChannelKind = Literal["mail", "webhook"]
KINDS: tuple[ChannelKind, ...] = ("mail", "webhook")
MOST = 20

channels = table(
    "alert_channels",
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("target_hash", Text, nullable=False, unique=True),
    Column("secret", Text),
    Column("tried_at", Instant),
    Column("trouble", Text),
    Column("created_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    one_of("kind", KINDS),
)


@stored_in(channels)
class Channel(Record, frozen=True):
    """`target` is the mail address or the URL, sealed as the URL may hold a token; `place` is what
    may be shown of it: the address, the host. `secret`, sealed, signs what is posted.

    `tried_at` is when a message last went there, `trouble` why it did not arrive. They leave
    `version` alone, which guards what people edit.
    """

    id: str
    kind: ChannelKind
    name: str
    place: str
    target: str
    target_hash: str
    secret: str | None
    tried_at: datetime | None
    trouble: str | None
    created_at: datetime
    version: int


CHANNELS = query(rows_of(Channel).order_by(channels.c.id), Channel)
CHANNEL = query(rows_of(Channel).where(channels.c.id == param("id")).with_for_update(), Channel)
CHANNEL_TO = value(select(channels.c.id).where(channels.c.target_hash == param("target_hash")), str)
COUNT_CHANNELS = value(select(func.count()).select_from(channels), int)
NOTE_TRY = command(
    update(channels)
    .where(channels.c.id == param("id"))
    .values(tried_at=param("now"), trouble=param("trouble"))
)
REMOVE_CHANNEL = command(
    delete(channels).where(channels.c.id == param("id"), channels.c.version == param("version"))
)


def channel_by_id(tx: Transaction, channel_id: str) -> Channel:
    """Locked until the commit. Raises NotFound."""
    channel = tx.one(CHANNEL, id=channel_id)
    if channel is None:
        raise NotFound("channel_not_found", "There is no such alert channel; it was removed.")
    return channel


def hash_of_target(kind: ChannelKind, target: str) -> str:
    """By which the same target is known, without it being there to read."""
    return digest(f"{kind} {target}")
