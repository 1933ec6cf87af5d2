"""A heartbeat: what each process that stays says of itself every few seconds, so that one which
falls silent is missed by name."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from payment_service.kit.machine import Machine, Role
from payment_service.kit.statements import Transaction
from payment_service.model.fact import (
    FACTS_OF,
    FORGET_FACT,
    HEARTBEAT,
    RENEW_FACT,
    WORKER_SEEN,
)

AWAY = timedelta(minutes=1)
"""Without a word, after which a process is no longer taken to run."""
GONE = timedelta(minutes=15)
"""After which what has ended is forgotten, and a machine counts as taken away."""
MISSED = timedelta(days=1)
"""For which who fell silent, and was not started again, is named."""


class Heartbeat(msgspec.Struct, frozen=True):
    """`process` is its number on its machine; `has_stopped`: it ended as it was told to."""

    machine: str
    process: int
    roles: tuple[Role, ...]
    began: datetime
    seen: datetime
    has_stopped: bool = False

    @property
    def name(self) -> str:
        return f"{HEARTBEAT}{self.machine} {self.process}"

    def is_heard(self, now: datetime, within: timedelta = AWAY) -> bool:
        """A clock that was ahead left instants that are still to come: they say nothing."""
        return abs(now - self.seen) <= within

    def runs(self, now: datetime) -> bool:
        return not self.has_stopped and self.is_heard(now)


def heartbeats(tx: Transaction) -> list[Heartbeat]:
    return [
        msgspec.json.decode(one.value, type=Heartbeat) for one in tx.all(FACTS_OF, kind=HEARTBEAT)
    ]


def beat(tx: Transaction, machine: Machine, now: datetime, *, has_stopped: bool = False) -> None:
    began = now - timedelta(seconds=machine.up_seconds)
    roles = tuple(sorted(machine.roles))
    one = Heartbeat(machine.name, machine.process, roles, began, now, has_stopped)
    tx.run(RENEW_FACT, name=one.name, value=msgspec.json.encode(one).decode())


def missed(beats: Sequence[Heartbeat], now: datetime) -> Iterator[Heartbeat]:
    """Who fell silent without having been told to stop, and in whose place none has begun since on
    the same machine."""
    alike = defaultdict(list)
    for one in sorted(beats, key=lambda one: one.seen):
        alike[one.machine, one.roles].append(one)
    for group in alike.values():
        starts = sorted(one.began for one in group)
        for one in group:
            if one.has_stopped or one.is_heard(now):
                continue
            later = next((start for start in starts if start >= one.seen), None)
            if later is not None:
                starts.remove(later)
            elif one.is_heard(now, within=MISSED):
                yield one


def forget_ended(tx: Transaction, beats: Sequence[Heartbeat], now: datetime) -> None:
    """Those that nobody misses, some time after they were last heard."""
    kept = {one.name for one in missed(beats, now)}
    for one in beats:
        if one.name not in kept and not one.is_heard(now, within=GONE):
            tx.run(FORGET_FACT, name=one.name)


def forget_all(tx: Transaction) -> None:
    """Whoever runs is heard again within seconds."""
    for one in heartbeats(tx):
        tx.run(FORGET_FACT, name=one.name)
    tx.run(FORGET_FACT, name=WORKER_SEEN)
