"""Who runs where: the server on a core of its own, and whoever drives it on another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def two_cores() -> tuple[int, int]:
    """The core for the server and the one for whoever drives it; the same where there is one."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[-1], cores[0]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Whoever runs the block stays on this core, and so does every thread and process that it
    starts; set from outside it could miss some."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
