"""What `make test` asks of PostgreSQL: a third of what was asked of SQLite, another one each time.

All of it took 18 minutes on two cores, and what takes longer than 15 is run seldom. A push asks all
of both, and so does pytest when it is called by itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from zlib import crc32

import pytest

from tests.seeds import SEED

FOLDERS = ("actions", "contract", "scenarios", "web")
"""Of tests that say the same of both. What the databases do differently is always asked of both."""
SHARE = 3


def left_out(items: Sequence[pytest.Item], seed: int = SEED) -> set[pytest.Item]:
    """Those of PostgreSQL that were not drawn; of each file at least one was."""
    return {
        item
        for asked in _by_file(items)
        for item in sorted(asked, key=lambda item: crc32(f"{seed} {item.nodeid}".encode()))[
            -(-len(asked) // SHARE) :
        ]
    }


def _by_file(items: Sequence[pytest.Item]) -> Iterator[list[pytest.Item]]:
    files: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        file = item.nodeid.partition("::")[0]
        if file.split("/")[1] in FOLDERS and _database(item) == "postgresql":
            files[file].append(item)
    yield from files.values()


def _database(item: pytest.Item) -> object:
    call = getattr(item, "callspec", None)
    return call and call.params.get("database_url")
