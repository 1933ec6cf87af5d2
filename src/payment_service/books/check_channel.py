"""Check what is filled in of an alert channel: where it leads, its secret, its name."""

import re
from typing import NamedTuple

from yarl import URL

from payment_service.kit.errors import Conflict, Invalid
from payment_service.kit.statements import Transaction
from payment_service.model.channel import CHANNEL_TO, KINDS, ChannelKind, hash_of_target
from payment_service.outside.addresses import Targets, check_url
from payment_service.outside.alert_settings import ADDRESS, check_secret

LONGEST_URL = 2000
LONGEST_MAIL = 254
LONGEST_NAME = 60
LONGEST_SECRET = 500


class Target(NamedTuple):
    """Where a channel leads, and what of it may be shown."""

    address: str
    place: str


def checked_kind(kind: str) -> ChannelKind:
    """Raises Invalid."""
    for known in KINDS:
        if kind == known:
            return known
    raise Invalid("channel_kind", "An alert channel is mail or webhook.")


def checked_target(kind: ChannelKind, target: str, targets: Targets) -> Target:
    """Raises Invalid with a sentence that says what to do."""
    target = target.strip()
    if kind == "mail":
        target = target.lower()
        if len(target) > LONGEST_MAIL or not re.fullmatch(ADDRESS, target):
            raise Invalid("channel_mail", "Write one address, like sari@example.com.")
        return Target(target, target)
    if len(target) > LONGEST_URL:
        raise Invalid("url_not_allowed", f"A URL takes at most {LONGEST_URL} characters.")
    url: URL = check_url(target, targets)
    return Target(target, url.host or "")


def checked_channel_secret(kind: ChannelKind, secret: str) -> str | None:
    """None where there is none. Raises Invalid."""
    secret = secret.strip()
    if not secret or kind == "mail":
        return None
    try:
        if len(secret) > LONGEST_SECRET:
            raise ValueError("it is too long")
        check_secret(secret)
    except ValueError as error:
        raise Invalid("channel_secret", f"This secret cannot sign: {error}.") from None
    return secret


def checked_channel_name(name: str) -> str:
    """Without spaces around it; it may be empty. Raises Invalid."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("channel_name", f"A name has at most {LONGEST_NAME} characters.")
    return name


def refuse_a_second(tx: Transaction, kind: ChannelKind, target: str, own_id: str = "") -> None:
    """Raises Conflict where another channel leads there already."""
    found = tx.one(CHANNEL_TO, target_hash=hash_of_target(kind, target))
    if found is not None and found != own_id:
        raise Conflict("channel_known", "Alerts go there already.", id=found)
