"""Tries to sign in: how many failed in a row for a name, how many from an address."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import Column, Index, Text, delete
from sqlalchemy.dialects.postgresql import insert

from payment_service.kit.crypto import digest
from payment_service.kit.schema import Instant, Number, table
from payment_service.kit.statements import Record, command, param, query, rows_of, stored_in

FREE_TRIES = 3
LONGEST_WAIT = timedelta(minutes=15)
MOST_IN_A_ROW = 100
FROM_ONE_ADDRESS = 20
ADDRESS_WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=90)

tries = table(
    "sign_in_tries",
    Column("key", Text, primary_key=True),
    Column("failures", Number, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("version", Number, nullable=False),
    Index(None, "last_at"),
)


@stored_in(tries)
class SignInTry(Record, frozen=True):
    """`key` is a hash: names are counted whether or not somebody has them."""

    key: str
    failures: int
    first_at: datetime
    last_at: datetime
    version: int


BEGIN_COUNTING = command(
    insert(tries)
    .values(key=param("key"), failures=0, first_at=param("now"), last_at=param("now"), version=1)
    .on_conflict_do_nothing(index_elements=["key"])
)
TRIES = query(rows_of(SignInTry).where(tries.c.key == param("key")).with_for_update(), SignInTry)
FORGET_TRIES_OF = command(delete(tries).where(tries.c.key == param("key")))
FORGET_TRIES = command(delete(tries).where(tries.c.last_at < param("before")))


def key_of_name(email: str) -> str:
    return digest(f"name {email.strip().lower()}")


def key_of_address(address: str) -> str:
    """A household has a whole /64 of the newer addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return digest(f"address {address}")
    if isinstance(parsed, IPv6Address):
        address = str(ip_network((parsed, 64), strict=False))
    return digest(f"address {address}")


def is_locked(known: SignInTry) -> bool:
    return known.failures >= MOST_IN_A_ROW


def wait_of_name(known: SignInTry, now: datetime) -> timedelta:
    """Until the next try: none after 0, 1 and 2 failures, then 1, 2, 4 … s, 15 min at most."""
    if known.failures < FREE_TRIES:
        return timedelta(0)
    doubled = timedelta(seconds=2 ** min(known.failures - FREE_TRIES, 20))
    return max(timedelta(0), known.last_at + min(doubled, LONGEST_WAIT) - now)


def wait_of_address(known: SignInTry, now: datetime) -> timedelta:
    if known.failures < FROM_ONE_ADDRESS:
        return timedelta(0)
    return max(timedelta(0), known.first_at + ADDRESS_WINDOW - now)
