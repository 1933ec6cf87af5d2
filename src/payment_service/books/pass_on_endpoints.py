"""Pass on endpoints that are never at rest, so that every process has its share of them."""

import random
from collections.abc import Collection
from math import inf

from payment_service.books.serve_endpoint import Served
from payment_service.kit.clock import monotonic

TENURE_SECONDS = 10.0
"""After about so long; or a process that is started to help would be left with nothing."""
PASSED_ON_SECONDS = 0.25
"""Long enough for every process to have looked once before the one that passed it on."""


class Tenures:
    """Of the endpoints that a process serves."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._passed_on: dict[str, float] = {}
        """Endpoints that are others' to take, until then."""

    def begin(self, one: Served) -> None:
        """Tenures differ, or endpoints that were taken together would move together for ever."""
        tenure = random.uniform(0.5, 1.5) * self._seconds  # noqa: S311 - guards nothing
        one.tenure_ends = monotonic() + tenure

    def end(self, served: Collection[Served]) -> bool:
        """Let go of those whose tenure is over; whether there were any. Not of slow ones, which
        are little work and would wait for what is under way to them."""
        now = monotonic()
        self._passed_on = {id_: until for id_, until in self._passed_on.items() if until > now}
        over = [one for one in served if one.is_proven and one.may_start and now >= one.tenure_ends]
        for one in over:
            one.tenure_ends = -inf
            one.stops()
        return bool(over)

    def ended(self, one: Served) -> None:
        """Its lease is given back."""
        if one.tenure_ends == -inf:
            self._passed_on[one.endpoint.id] = monotonic() + PASSED_ON_SECONDS

    def may_take(self, endpoint_id: str) -> bool:
        return endpoint_id not in self._passed_on

    @property
    def wait(self) -> float:
        """Seconds until all may be taken again."""
        return max(0.0, max(self._passed_on.values(), default=0.0) - monotonic())
