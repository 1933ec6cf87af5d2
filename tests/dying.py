"""Deeds that end as by `kill -9` at a boundary of theirs, each in a process of its own."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from itertools import count
from typing import Any

PRELOADED = (
    "payment_service.actions.restore",
    "payment_service.kit.sqlite_copies",
    "payment_service.kit.postgres_copies",
    "payment_service.migrations.upgrade",
    "tests.faults.flows",
    "tests.faults.test_two_daily_runs",
)
# They are forked from a process that has no threads and has loaded what they need.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([*PRELOADED, "tests.dying"])


class Boundaries:
    """Counts those that are passed, and kills the process at one of them."""

    def __init__(self, at: int, passed: Any) -> None:
        self._at, self._passed = at, passed
        self._numbers = count()

    def passes(self, *_: object, **__: object) -> None:
        self._passed.value = next(self._numbers)
        if self._passed.value == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


Deed = Callable[..., None]
"""Is given the boundaries to pass, and what else it needs."""


def dies(at: int, deed: Deed, *args: Any, after: float | None = None) -> tuple[int | None, int]:
    """At this boundary, or `after` so many seconds; -1 is none. The exit code, and the number of
    the last boundary that was passed."""
    passed = processes.Value("i", 0)
    process = processes.Process(target=_run, args=(deed, at, passed, os.environ["PATH"], args))
    process.start()
    process.join(60 if after is None else after)
    if after is not None:
        process.kill()
        process.join(60)
    return process.exitcode, passed.value


def _run(deed: Deed, at: int, passed: Any, path: str, args: Any) -> None:
    os.environ["PATH"] = path
    deed(Boundaries(at, passed), *args)
