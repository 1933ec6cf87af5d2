"""Ids, tokens and order: text with a prefix that names the kind of thing."""

import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new_id(prefix: str, now: datetime) -> str:
    """`prefix_` and 26 characters: 48 bits of `now` in milliseconds, then 80 random bits.

    Ids of one kind sort by the time they were made, so lists page by id. The characters are
    safe in URLs, file names and gateway order ids.
    """
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return f"{prefix}_{base32(number, 26)}"


def first_id(prefix: str, instant: datetime) -> str:
    """Smaller than every id made in the millisecond of `instant` or later, larger than all before.

    What was made in a span of time is so found by its primary key.
    """
    return f"{prefix}_{base32(int(instant.timestamp() * 1000) << 80, 26)}"


def new_token() -> str:
    """26 characters with 130 random bits: the secret part of a link."""
    return base32(secrets.randbits(130), 26)


def base32(number: int, length: int) -> str:
    """`length` digits, an even number of them."""
    return "".join([PAIRS[(number >> shift) & 1023] for shift in range(5 * length - 10, -1, -10)])
