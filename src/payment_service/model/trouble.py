"""Troubles of the place that this process runs in: what is wrong now, and since when."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Trouble = Literal[
    "disk_full",
    "database_read_only",
    "database_unreachable",
    "schema_newer",
    "key_missing",
    "clock_jumped",
]
UNWRITABLE: dict[str, Trouble] = {
    "disk_full": "disk_full",
    "database_read_only": "database_read_only",
    "database_unreachable": "database_unreachable",
}
"""What a refused write means, by the code of its refusal."""


class Standing(NamedTuple):
    """One trouble: a sentence for people, and when it began, on a clock that never jumps."""

    message: str
    began: float


class Change(NamedTuple):
    """What began and what is over since the last look; of the latter, how many seconds it took."""

    begun: dict[Trouble, str]
    over: dict[Trouble, float]


class Troubles:
    """Those of this process. Alerts are told of them while the database can be written; what it
    cannot keep is told without it."""

    def __init__(self) -> None:
        self.standing: dict[Trouble, Standing] = {}
        self._told: dict[Trouble, float] = {}

    def become(self, found: Mapping[Trouble, str], elapsed: float) -> Change:
        before = self.standing
        self.standing = {
            kind: Standing(message, before[kind].began if kind in before else elapsed)
            for kind, message in found.items()
        }
        return Change(
            {kind: message for kind, message in found.items() if kind not in before},
            {kind: elapsed - one.began for kind, one in before.items() if kind not in found},
        )

    def to_tell(self, elapsed: float) -> dict[Trouble, str]:
        """What the owner is told past the database now: what lasts, each once an hour."""
        due = {
            kind: one.message
            for kind, one in self.standing.items()
            if elapsed - one.began >= LASTS.get(kind, 0.0)
            and (kind not in self._told or elapsed - self._told[kind] >= TELL_AGAIN)
        }
        self._told.update(dict.fromkeys(due, elapsed))
        return due


TELL_AGAIN = 3600.0
LASTS: dict[Trouble, float] = {"database_unreachable": 60.0}
"""Seconds that it must last before anybody is woken: a restart of PostgreSQL takes less."""
