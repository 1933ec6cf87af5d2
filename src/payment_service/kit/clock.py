"""The one place that reads the time. Everything else is given a clock, or `now`."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time as a UTC instant."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never jumps, for durations only."""
    return time.monotonic()
