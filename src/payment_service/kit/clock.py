"""The one place that reads the time. Everything else is given a clock, or `now`."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time as a UTC instant."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """Another clock, so many seconds ahead."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        self._clock = clock
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._clock.now() + self._ahead


def monotonic() -> float:
    """Seconds on a clock that never jumps, for durations only."""
    return time.monotonic()
