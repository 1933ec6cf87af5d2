"""Remove an alert channel: the owner is told there no more."""

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.audit import LOCK_LOG, By, record
from payment_service.model.channel import REMOVE_CHANNEL, Channel, channel_by_id


def remove_channel(tx: Transaction, channel_id: str, version: int, by: By) -> Channel:
    """`version` is that of the channel which was seen. Raises NotFound, and Conflict when it was
    edited meanwhile."""
    tx.run(LOCK_LOG)
    channel = channel_by_id(tx, channel_id)
    if channel.version != version:
        raise Conflict("channel_changed", "It was changed meanwhile; look again.", id=channel.id)
    told = {"host": channel.place} if channel.kind == "webhook" else {}
    record(tx, by, None, "channel.remove", channel.id, kind=channel.kind, **told)
    tx.run(REMOVE_CHANNEL, id=channel.id, version=version)
    return channel
