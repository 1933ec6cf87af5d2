"""Take what is due to webhook endpoints: lease those that nobody serves, and read their queues."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from payment_service.kit.statements import Transaction
from payment_service.model.endpoint import ENDPOINT, Endpoint
from payment_service.model.endpoint_health import is_open
from payment_service.model.sending import (
    DUE_OF_ENDPOINT,
    LEASE,
    LEASE_ENDPOINT,
    LEASED_VERSIONS,
    READY_ENDPOINTS,
    Outgoing,
)

AT_ONCE = 64
"""Read of one endpoint's queue in one go."""


class Wish(NamedTuple):
    """An endpoint whose lease this process holds, and what it has of its queue already."""

    endpoint_id: str
    in_hand: Collection[str]


class Found(NamedTuple):
    """Endpoints that wait for somebody, and what is due to those that are served."""

    ready: list[Endpoint]
    more: list[tuple[str, list[Outgoing]]]
    edited: list[Endpoint]


def look(
    tx: Transaction,
    wishes: Sequence[Wish],
    versions: Mapping[str, int],
    room: int,
    now: datetime,
) -> Found:
    """What is there to do. `versions` are those of the endpoints that are served, as they are
    known; `room` is for how many more."""
    ready = tx.all(READY_ENDPOINTS, now=now, limit=room) if room > 0 else []
    more = [(one.endpoint_id, _due(tx, one.endpoint_id, one.in_hand, now)) for one in wishes]
    edited = [
        found
        for one in (tx.all(LEASED_VERSIONS, now=now) if versions else ())
        if versions.get(one.id, one.version) != one.version
        and (found := tx.one(ENDPOINT, id=one.id)) is not None
    ]
    return Found(ready, more, edited)


def lease(
    tx: Transaction, ready: Sequence[Endpoint], now: datetime
) -> list[tuple[Endpoint, list[Outgoing]]]:
    """Those that are this process's now, with what is due to them; one message where the breaker
    is open."""
    taken = []
    for endpoint in ready:
        until, seen = now + LEASE, endpoint.lease_no
        if tx.run(LEASE_ENDPOINT, id=endpoint.id, seen=seen, until=until) == 1:
            mine = replace(endpoint, lease_no=seen + 1, lease_until=until)
            limit = 1 if is_open(mine) else AT_ONCE
            taken.append((mine, _due(tx, mine.id, (), now, limit)))
    return taken


def _due(
    tx: Transaction,
    endpoint_id: str,
    in_hand: Collection[str],
    now: datetime,
    limit: int = AT_ONCE,
) -> list[Outgoing]:
    found = tx.all(DUE_OF_ENDPOINT, endpoint_id=endpoint_id, now=now, limit=limit + len(in_hand))
    return [one for one in found if one.id not in in_hand]
