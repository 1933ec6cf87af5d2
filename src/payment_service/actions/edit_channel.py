"""Edit an alert channel: its name, where it leads, what signs; what is left empty stays."""

import msgspec

from payment_service.books.check_channel import (
    checked_channel_name,
    checked_channel_secret,
    checked_target,
    refuse_a_second,
)
from payment_service.kit.crypto import SecretBox
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction, save
from payment_service.model.audit import LOCK_LOG, By, record
from payment_service.model.channel import Channel, channel_by_id, hash_of_target
from payment_service.outside.addresses import Targets


class ChannelChange(msgspec.Struct, frozen=True):
    """As it was filled in; `version` is that of the channel which was seen then."""

    version: int
    name: str
    target: str = ""
    secret: str = ""
    drops_secret: bool = False


def edit_channel(
    tx: Transaction,
    channel_id: str,
    wanted: ChannelChange,
    box: SecretBox,
    targets: Targets,
    by: By,
) -> Channel:
    """Raises NotFound, Invalid, and Conflict when somebody has edited it meanwhile."""
    tx.run(LOCK_LOG)
    channel = channel_by_id(tx, channel_id)
    if channel.version != wanted.version:
        raise Conflict("channel_changed", "It was changed meanwhile; look again.", id=channel.id)
    changed = msgspec.structs.replace(channel, name=checked_channel_name(wanted.name))
    if wanted.target.strip():
        target, place = checked_target(channel.kind, wanted.target, targets)
        refuse_a_second(tx, channel.kind, target, channel.id)
        hashed = hash_of_target(channel.kind, target)
        if hashed != channel.target_hash:
            changed = msgspec.structs.replace(
                changed,
                target=box.seal(target),
                place=place,
                target_hash=hashed,
                tried_at=None,
                trouble=None,
            )
    secret = checked_channel_secret(channel.kind, wanted.secret)
    if secret is not None:
        changed = msgspec.structs.replace(changed, secret=box.seal(secret))
    elif wanted.drops_secret:
        changed = msgspec.structs.replace(changed, secret=None)
    if changed == channel:
        return channel
    record(tx, by, None, "channel.edit", channel.id, changed=_named(channel, changed))
    return save(tx, channel, changed)


def _named(before: Channel, after: Channel) -> str:
    """Which parts; neither an address nor a secret goes to the log."""
    parts = {"name": "name", "target_hash": "target", "secret": "secret"}
    return ", ".join(
        word for field, word in parts.items() if getattr(before, field) != getattr(after, field)
    )
