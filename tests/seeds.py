"""The seeds of random rounds: each round has its own, and a failure names what replays it alone."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from tests.counts import FULL, PUSH

# Of the run: `conftest.py` imports this, and then its processes are started.
SEED = int(os.environ.setdefault("FAULT_SEED", str(secrets.randbelow(10**9))))


def seeds(count: int) -> range:
    """Of so many rounds, one after the other. `FAULT_SEED` and `FAULT_COUNT` replay some."""
    return range(SEED, SEED + int(os.environ.get("FAULT_COUNT", count)))


def again(test: str, seed: int = SEED, count: int | None = None) -> str:
    """The command that runs a test once more as it ran here, or some of its rounds."""
    size = "FULL_COUNTS=1 " if FULL else "PUSH_COUNTS=1 " if PUSH else ""
    rounds = f" FAULT_COUNT={count}" if count else ""
    return f"{size}FAULT_SEED={seed}{rounds} .venv/bin/pytest -n0 '{test}'"


@contextmanager
def replayed(seed: int) -> Iterator[None]:
    """A round: what breaks in it is told with the command that runs this round alone."""
    try:
        yield
    except Exception as error:
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0]
        error.add_note(f"the seed {seed}; again: {again(test, seed, 1)}")
        raise
