"""One project at Pakasir, as both versions of its API know it: what they share of calling it."""

import asyncio
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from payment_service.kit.clock import Clock, monotonic
from payment_service.outside.call_limit import CallLimit, NoTurn
from payment_service.outside.gateway import GatewayError
from payment_service.outside.gateway_calls import Call, GatewayCalls, NoAnswer, decode
from payment_service.outside.pakasir_answers import fee_for
from payment_service.outside.session import GuardedSession

TOTAL_SECONDS = 10.0
FIRST_TRY = 0.6
"""The share of the time after which an unanswered create is asked again."""
LARGEST_LINK = 50_000_000
T = TypeVar("T")


class Success(msgspec.Struct, frozen=True):
    """The answer to cancel, where it says anything."""

    success: Any = None


class PakasirProject:
    """`limit` is shared by all that call the project; None: nothing is held back."""

    smallest = 500
    largest = 10_000_000

    def __init__(
        self,
        session: GuardedSession,
        clock: Clock,
        *,
        origin: str,
        project: str,
        api_key: str,
        limit: CallLimit | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._origin = origin.rstrip("/")
        self._project = project
        self._api_key = api_key
        self._seconds = total_seconds
        self._calls = GatewayCalls(session, clock, origin, secret=api_key, limit=limit)

    async def fee(self, amount: int) -> int:
        """Version 1 has no such call of its own; this one needs no key."""
        call = Call("GET", f"/api/v2/payment-fee/{amount}")
        return fee_for(amount, await self._calls.ask(call, Any, self._ends()))

    async def _find_or_create(self, call: Call, kind: type[T]) -> T:
        """Make the transaction, or find it: nobody knows whether an unanswered call made it."""
        ends = self._ends()
        while True:
            try:
                try:
                    return await self._calls.ask(call, kind, ends, FIRST_TRY)
                except NoAnswer:
                    return await self._calls.ask(call, kind, ends)
            except NoTurn:
                raise
            except GatewayError as error:
                # Others may be calling the project without our limit: wait while there is time.
                wait = max(0.5, error.retry_after or 0)
                if error.fault != "busy" or monotonic() + 2 * wait > ends:
                    raise
                await asyncio.sleep(wait)

    async def _cancel(self, call: Call) -> None:
        said = decode(await self._calls.send(call, self._ends()), Success)
        if isinstance(said, Success) and said.success is False:
            raise GatewayError("refused", "the gateway did not cancel it", retry=False)

    def _ends(self) -> float:
        return monotonic() + self._seconds

    def _check_link_amount(self, amount: int) -> None:
        if not self.smallest <= amount <= LARGEST_LINK:
            raise GatewayError(
                "refused",
                f"a payment link takes {self.smallest} to {LARGEST_LINK} rupiah, not {amount}",
                retry=False,
            )


def quoted(part: str) -> str:
    """One segment of a path or one value of a query."""
    return quote(part, safe="")
