"""Ids, tokens and order: text with a prefix that names the kind of thing."""

import secrets
from datetime import datetime
from functools import lru_cache

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_DIGITS = ALPHABET.encode() * 8
"""A digit for each of the 256 bytes: five of a byte's bits count, so all are as likely."""
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new_id(prefix: str, now: datetime) -> str:
    """`prefix_` and 26 characters: 48 bits of `now` in milliseconds, then 80 random bits.

    Ids of one kind sort by the time they were made, so lists page by id. The characters are
    safe in URLs, file names and gateway order ids.
    """
    return f"{prefix}_{_time_part(now)}{_random(16)}"


@lru_cache(maxsize=16)
def _time_part(instant: datetime) -> str:
    """Many ids are made at one instant."""
    return base32(int(instant.timestamp() * 1000), 10)


def first_id(prefix: str, instant: datetime) -> str:
    """Smaller than every id made in the millisecond of `instant` or later, larger than all before.

    What was made in a span of time is so found by its primary key.
    """
    return f"{prefix}_{_time_part(instant)}{base32(0, 16)}"


def new_token() -> str:
    """26 characters with 130 random bits: the secret part of a link."""
    return _random(26)


def new_code() -> str:
    """120 random bits in six groups of four, to be copied by people: a recovery code."""
    digits = _random(24)
    return "-".join(digits[at : at + 4] for at in range(0, 24, 4))


def read_code(typed: str) -> str:
    """A code as it was handed out, however it was typed: 0 and o, 1, i and l are each the same."""
    plain = "".join(typed.lower().replace("-", " ").split())
    plain = plain.replace("o", "0").replace("i", "1").replace("l", "1")
    return "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def _random(length: int) -> str:
    return secrets.token_bytes(length).translate(_DIGITS).decode()


def base32(number: int, length: int) -> str:
    """`length` digits, an even number of them."""
    return "".join([PAIRS[(number >> shift) & 1023] for shift in range(5 * length - 10, -1, -10)])
