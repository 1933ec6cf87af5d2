"""Which database `make test` asks what both must answer alike: one of them, drawn anew each time.

All of both took 18 minutes on two cores, and what takes longer than 15 is run seldom. A push asks
both, and so does pytest when it is called by itself.
"""

from collections.abc import Iterator, Sequence
from zlib import crc32

import pytest

from tests.seeds import SEED

FOLDERS = ("actions", "contract", "scenarios", "web")
"""Of tests that say the same of both. What the databases do differently is always asked of both."""
SHARE = 4
"""PostgreSQL is asked one of so many: a database of its own takes as long as most tests."""


def left_out(items: Sequence[pytest.Item], seed: int = SEED) -> set[pytest.Item]:
    """Of each such test the one whose database was not drawn."""
    left = set()
    for item, name, kind in _asked_of_both(items):
        drawn = "postgresql" if crc32(f"{seed} {name}".encode()) % SHARE == 0 else "sqlite"
        if kind != drawn:
            left.add(item)
    return left


def _asked_of_both(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, str, str]]:
    """Each with the name that it has whichever database it asks, and that database."""
    for item in items:
        call = getattr(item, "callspec", None)
        kind = call.params.get("database_url") if call else None
        if kind and item.nodeid.split("/")[1] in FOLDERS:
            yield item, item.nodeid.replace(kind, "", 1), kind
