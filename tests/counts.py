"""How often random and fault tests repeat: quickly here, in full with `make test-all`."""

import os

FULL = bool(os.environ.get("FULL_COUNTS"))


def times(quick: int, full: int) -> int:
    """The count for this run."""
    return full if FULL else quick
