"""Add an alert channel: an address or a URL at which the owner is told of alerts as well."""

import msgspec

from payment_service.books.check_channel import (
    checked_channel_name,
    checked_channel_secret,
    checked_kind,
    checked_target,
    refuse_a_second,
)
from payment_service.kit.crypto import SecretBox
from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add
from payment_service.model.audit import By, record
from payment_service.model.channel import COUNT_CHANNELS, MOST, Channel, hash_of_target
from payment_service.outside.addresses import Targets


class NewChannel(msgspec.Struct, frozen=True):
    """As it was filled in. The secret signs what is posted; empty, nothing is signed."""

    kind: str
    target: str
    secret: str = ""
    name: str = ""


def add_channel(
    tx: Transaction, wanted: NewChannel, box: SecretBox, targets: Targets, by: By
) -> Channel:
    """Raises Invalid, and Conflict when alerts go there already or there are enough of them."""
    kind = checked_kind(wanted.kind)
    target, place = checked_target(kind, wanted.target, targets)
    secret = checked_channel_secret(kind, wanted.secret)
    channel = Channel(
        id=new_id("alc", by.at),
        kind=kind,
        name=checked_channel_name(wanted.name),
        place=place,
        target=box.seal(target),
        target_hash=hash_of_target(kind, target),
        secret=None if secret is None else box.seal(secret),
        tried_at=None,
        trouble=None,
        created_at=by.at,
        version=1,
    )
    # The log's lock comes first: of two who add at once the second sees what the first has added.
    told = {"host": place} if kind == "webhook" else {}
    record(tx, by, None, "channel.add", channel.id, kind=kind, **told)
    refuse_a_second(tx, kind, target)
    if (tx.one(COUNT_CHANNELS) or 0) >= MOST:
        raise Conflict("channels_enough", f"There are {MOST} channels; remove one.", limit=MOST)
    add(tx, channel)
    return channel
