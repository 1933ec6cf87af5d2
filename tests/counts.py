"""How often random and fault tests repeat: a short form in `make test`, the numbers of a push in CI
and with `make faults`, in full with `make test-all`."""

import os

FULL = bool(os.environ.get("FULL_COUNTS"))
PUSH = bool(os.environ.get("PUSH_COUNTS"))
DRAWN = bool(os.environ.get("DRAW_POSTGRESQL")) and not (FULL or PUSH)
"""Whether PostgreSQL is asked a part only: `tests/drawn.py`."""


def times(quick: int, full: int, *, push: int | None = None) -> int:
    """The count for this run; without `push` it is in `make faults` what it is in `make test`."""
    if FULL:
        return full
    return push if PUSH and push is not None else quick
