"""The line of units that wait for the one writer, and whose turn it is."""

from collections import deque
from queue import Empty, SimpleQueue

from payment_service.kit.answers import Waiting

BATCH = 128
MOST_PASSED = 8
"""Batches that go before a unit that lets others pass: work that never came to its turn would not
end on a machine that is always busy."""


class WriteLine:
    """Several threads may join; one takes turns."""

    def __init__(self) -> None:
        self._arrived: SimpleQueue[Waiting | None] = SimpleQueue()
        self._aside: deque[Waiting] = deque()
        self._passed = 0
        self._has_ended = False

    def __len__(self) -> int:
        return self._arrived.qsize() + len(self._aside)

    @property
    def has_time(self) -> bool:
        """Whether the next turn may come a little later: nobody's long work waits for a gap, and
        there is room for more."""
        return not self._aside and self._arrived.qsize() < BATCH

    def join(self, waiting: Waiting) -> None:
        self._arrived.put(waiting)

    def end(self) -> None:
        """Who is here has a turn; nobody may join any more."""
        self._arrived.put(None)

    def next(self) -> list[Waiting]:
        """All whose turn it is, waiting for the first; none when the line has ended.

        Who lets others pass goes alone: together with others it would keep those waiting.
        """
        if self._passed < MOST_PASSED:
            batch = self._who_came()
            if batch or not self._aside:
                self._passed += bool(self._aside)
                return batch
        self._passed = 0
        return [self._aside.popleft()]

    def _who_came(self) -> list[Waiting]:
        batch: list[Waiting] = []
        while len(batch) < BATCH and not self._has_ended:
            try:
                one = self._arrived.get(block=not batch and not self._aside)
            except Empty:
                break
            if one is None:
                self._has_ended = True
            elif one.lets_pass:
                self._aside.append(one)
            else:
                batch.append(one)
        return batch
