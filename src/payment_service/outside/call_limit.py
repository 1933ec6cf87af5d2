"""How many calls to one gateway project may be in flight, as far as the gateway lets us."""

import asyncio
from collections import deque

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Text

from payment_service.kit.schema import Instant, Number, table

gateway_paces = table(
    "gateway_paces",
    Column("name", Text, primary_key=True),
    Column("allowed", Number, nullable=False),
    Column("went_well", Number, nullable=False),
    Column("create_at", Instant),
    Column("create_before", Instant),
    Column("cancel_at", Instant),
    Column("cancel_before", Instant),
    CheckConstraint("allowed >= 1", name="allowed"),
)
gateway_slots = table(
    "gateway_slots",
    Column("name", Text, nullable=False),
    Column("slot", Number, nullable=False),
    Column("lease_until", Instant),
    PrimaryKeyConstraint("name", "slot"),
)


class CallLimit:
    """Half as many after "too many calls", then one more for each full round that went well."""

    def __init__(self, most: int = 16) -> None:
        self.most = most
        self.allowed = float(most)
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        while self._running >= int(self.allowed):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                # The turn may have come in the same instant; pass it on.
                self._let_in()
                raise
        self._running += 1

    async def __aexit__(self, *_: object) -> None:
        self._running -= 1
        self._let_in()

    def slow_down(self) -> None:
        """The gateway said that it was too much."""
        self.allowed = max(1.0, self.allowed / 2)

    def went_well(self) -> None:
        self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)

    def _let_in(self) -> None:
        free = int(self.allowed) - self._running
        while self._waiting and free > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
