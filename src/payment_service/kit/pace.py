"""A pace: how much to do at once, so that whoever waits for the database waits only briefly."""

from collections.abc import Callable
from typing import Any, TypeVar

from payment_service.kit.clock import monotonic
from payment_service.kit.statements import Transaction

T = TypeVar("T")

CHUNK_SECONDS = 0.004
"""What one chunk of long work should take: with whoever shares the core the longest took 22 to
25 ms, where 6 ms led to 25 to 34. The run as a whole loses a fiftieth."""
LEAST = 32
"""A chunk, where nothing failed."""


def timed(tx: Transaction, unit: Callable[..., T], *args: Any) -> tuple[T, float]:
    """What the unit gives, and the seconds that it held its transaction."""
    begun = monotonic()
    result = unit(tx, *args)
    return result, monotonic() - begun


class Pace:
    """The size of the next chunk, from how long the last one took."""

    def __init__(self, size: int = 64, *, most: int = 2048, seconds: float = CHUNK_SECONDS) -> None:
        self.size = size
        self._most = most
        self._seconds = seconds

    def took(self, seconds: float) -> None:
        """At most twice as much next time: one chunk with little in it says nothing of the next.

        Never less than `LEAST` for its slowness: where the queries around a chunk alone take longer
        than it may, ever smaller ones only make more of them. On a busy PostgreSQL that brought
        20,000 subscriptions from 3 s to 121 s.
        """
        factor = min(2.0, self._seconds / max(seconds, 1e-6))
        wanted = max(round(self.size * factor), min(LEAST, 2 * self.size))
        self.size = min(self._most, wanted)

    def failed(self) -> None:
        """So small that soon only what fails is left."""
        self.size = max(1, self.size // 8)
