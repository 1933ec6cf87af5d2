"""Serve one webhook endpoint: what of its queue is in hand, and how much may be under way to it."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from math import inf

from payment_service.model.endpoint import Endpoint
from payment_service.model.endpoint_health import BREAKER, GONE, PAUSING
from payment_service.model.sending import Outgoing
from payment_service.outside.webhook_client import Answer

HEALTHY, CAREFUL = 16, 2
"""Under way to one endpoint: each quick success allows one more, a failure or a slow one two."""
SLOW_MILLISECONDS = 2_000
LOW = 16
"""With fewer in hand more is read of its queue."""


class Served:
    """An endpoint whose lease this process holds."""

    def __init__(self, endpoint: Endpoint, allowed: int, held_until: datetime) -> None:
        self.endpoint = endpoint
        self.held_until = held_until
        """When its lease ends unless it is renewed: then another may have taken it already."""
        self.allowed = allowed
        self.waiting: deque[Outgoing] = deque()
        self.in_hand: set[str] = set()
        """Ids of what waits, is under way, or is not written down yet."""
        self.under_way = 0
        self.unwritten = 0
        self.written = 0
        """Since the lease was last known to be held."""
        self.failures = endpoint.failures
        """In a row, as seen here: the endpoint's row follows some milliseconds later."""
        self.steps = 0
        """How many failures have counted here. An attempt that was begun before the latest of them
        says nothing new: 16 at once that meet a restart are one failure."""
        self.may_start = True
        """Not after an answer that asks for a pause, nor when another has taken the lease."""
        self.is_dry = False
        """Whether nothing more was due when last looked."""
        self.tenure_ends = inf
        """Monotonic seconds; then it is passed on."""

    @property
    def is_proven(self) -> bool:
        return self.allowed > CAREFUL

    def has_room(self, now: datetime) -> bool:
        most = self.allowed
        if self.failures:  # no more than the breaker lets fail; one, when it is open
            most = min(most, max(1, BREAKER - self.failures))
        may_begin = self.may_start and now < self.held_until
        return may_begin and bool(self.waiting) and self.under_way < most

    @property
    def runs_low(self) -> bool:
        can_begin = self.is_proven or self.under_way < self.allowed
        return self.may_start and can_begin and len(self.waiting) < LOW and self.failures < BREAKER

    def takes(self, found: Sequence[Outgoing]) -> None:
        self.is_dry = not found
        self.waiting += found
        self.in_hand.update(one.id for one in found)

    @property
    def twice_at_most(self) -> int:
        """Whoever has taken the lease meanwhile may have found so many of its messages still due,
        and have sent them too: what was written down since then may have come too late."""
        return self.under_way + self.unwritten + self.written

    def stops(self) -> None:
        """What waits stays due in the database."""
        self.may_start = False
        self.in_hand.difference_update(one.id for one in self.waiting)
        self.waiting.clear()

    def hears(self, answer: Answer, step: int, *, by_hand: bool) -> bool:
        """Be careful, or bolder, by what an attempt came to that was begun at that step; whether it
        is a failure that counts."""
        if answer.delivered:
            self.failures = 0
            is_quick = answer.milliseconds < SLOW_MILLISECONDS
            self.allowed = min(HEALTHY, self.allowed + 1) if is_quick else CAREFUL
            return False
        counts = step == self.steps and not by_hand
        self.failures += counts
        self.steps += counts
        self.allowed = CAREFUL
        if answer.status in (GONE, *PAUSING) or self.failures >= BREAKER:
            self.stops()
        return counts

    def becomes(self, endpoint: Endpoint) -> None:
        """It was edited, or judged by what has been written down."""
        self.endpoint = endpoint
        if endpoint.status == "off":
            self.stops()
        if not self.under_way and not self.unwritten:
            self.failures = endpoint.failures
