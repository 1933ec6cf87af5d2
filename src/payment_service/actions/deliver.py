"""Deliver events: send what is due to the apps' webhook endpoints, and keep what came back.

A process serves the endpoints whose lease it holds, taking turns between them, so that one with a
long queue, or one that hangs, delays no other. Results are written many at a time.
"""

import asyncio
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec
import structlog

from payment_service.books.make_attempt import make_attempt
from payment_service.books.pass_on_endpoints import TENURE_SECONDS, Tenures
from payment_service.books.record_attempts import Result, record_attempts
from payment_service.books.serve_endpoint import CAREFUL, Served
from payment_service.books.take_due import Wish, lease, look
from payment_service.kit.errors import Unavailable
from payment_service.model.endpoint import Endpoint
from payment_service.model.endpoint_health import JITTER, Outcome, is_open
from payment_service.model.sending import LEASE, Outgoing
from payment_service.runtime import Runtime

log = structlog.get_logger()

IN_FLIGHT = 256
UNPROVEN = 192
"""So many of these at most to endpoints that fail, are slow, or have not answered yet."""
OF_AN_APP = 64
UNWRITTEN = 2_000
WRITTEN_AT_ONCE = 500
GATHER_SECONDS = 0.02
RENEW_SECONDS = 1.0
RETRY_SECONDS = 0.5
LAST_TRIES = 10
"""To write what is known, when the process stops; then the leases run out."""
REMEMBERED = 10_000


class Courier:
    """Sends what is due, from when it is first told to `take` until it is told to `finish`."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        tenure: float = TENURE_SECONDS,
        renew: float = RENEW_SECONDS,
        gather: float = GATHER_SECONDS,
    ) -> None:
        self._runtime = runtime
        self._gather_seconds = gather
        self._renew = renew
        self._served: dict[str, Served] = {}
        self._turns: deque[Served] = deque()
        self._of_app: Counter[str] = Counter()
        self._under_way = 0
        self._unproven = 0
        self._ended: list[tuple[Served, Result]] = []
        """Attempts that are not written down yet."""
        self._sends: set[asyncio.Task[None]] = set()
        self._writing: asyncio.Task[None] | None = None
        self._has_ended = asyncio.Event()
        self._is_low = asyncio.Event()
        self._is_finishing = False
        self._allowed: OrderedDict[str, int] = OrderedDict()
        """What endpoints were allowed when they were last served."""
        self._tenures = Tenures(tenure)

    async def take(self) -> bool:
        """Lease endpoints that wait and read more of the queues; whether there was anything."""
        runtime, now = self._runtime, self._runtime.clock.now()
        if self._tenures.end(self._served.values()):
            self._has_ended.set()
        wishes = [
            Wish(one.endpoint.id, frozenset(one.in_hand))
            for one in self._served.values()
            if one.runs_low
        ]
        versions = {one.endpoint.id: one.endpoint.version for one in self._served.values()}
        found = await runtime.db.read(look, wishes, versions, IN_FLIGHT - len(versions), now)
        for endpoint in found.edited:
            if endpoint.id in self._served:
                self._served[endpoint.id].becomes(endpoint)
        for endpoint_id, more in found.more:
            one = self._served.get(endpoint_id)
            if one is not None and one.may_start:
                one.takes([each for each in more if each.id not in one.in_hand])
                if self._is_over(one, Counter()):
                    self._has_ended.set()  # it is let go of at once
        ready = [
            one
            for one in found.ready
            if self._of_app[one.app_id] < OF_AN_APP and self._tenures.may_take(one.id)
        ]
        if ready and not self._is_finishing:
            for endpoint, due in await runtime.db.write(lease, ready, now):
                self._serve(endpoint, due, now + LEASE)
        self._start()
        return bool(ready) or any(more for _, more in found.more)

    async def runs_low(self, seconds: float) -> None:
        """Until there is room for more, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_low.wait()
        self._is_low.clear()

    async def finish(self) -> None:
        """Start nothing more; what is under way ends and is written down, the leases end."""
        self._is_finishing = True
        for one in self._served.values():
            one.stops()
        self._has_ended.set()
        if self._writing is not None:
            await self._writing

    async def deliver_all(self) -> None:
        """Send what is due now, and what falls due meanwhile."""
        while await self.take() or self._writing is not None or self._tenures.wait:
            if self._writing is not None:
                await asyncio.wait((self._writing,), timeout=0.1)
            await asyncio.sleep(self._tenures.wait)

    def _serve(self, endpoint: Endpoint, due: Sequence[Outgoing], held_until: datetime) -> None:
        one = Served(endpoint, self._allowed.get(endpoint.id, CAREFUL), held_until)
        self._tenures.begin(one)
        one.takes(due)
        self._served[endpoint.id] = one
        self._turns.append(one)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    def _start(self) -> None:
        """Begin one for each endpoint in turn, round and round, while there is room."""
        passed_over, now = 0, self._runtime.clock.now()
        while passed_over < len(self._turns) and self._under_way < IN_FLIGHT:
            one = self._turns[0]
            self._turns.rotate(-1)
            if self._may_begin(one, now):
                passed_over = 0
                self._begin(one)
            else:
                passed_over += 1

    def _may_begin(self, one: Served, now: datetime) -> bool:
        return (
            one.has_room(now)
            and self._of_app[one.endpoint.app_id] < OF_AN_APP
            and (one.is_proven or self._unproven < UNPROVEN)
            and len(self._ended) < UNWRITTEN
        )

    def _begin(self, one: Served) -> None:
        unproven = 0 if one.is_proven else 1
        one.under_way += 1
        self._under_way += 1
        self._unproven += unproven
        self._of_app[one.endpoint.app_id] += 1
        task = asyncio.create_task(self._send(one, one.waiting.popleft(), unproven))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    async def _send(self, one: Served, outgoing: Outgoing, unproven: int) -> None:
        """One attempt, with no transaction open."""
        endpoint, at, step = one.endpoint, self._runtime.clock.now(), one.steps
        is_probe = is_open(endpoint)
        # An open breaker without a pause: a person has ended it.
        by_hand = outgoing.is_test or (is_probe and endpoint.paused_until is None)
        answer = await make_attempt(self._runtime, endpoint, outgoing, at)
        one.under_way -= 1
        one.unwritten += 1
        self._under_way -= 1
        self._unproven -= unproven
        self._of_app[endpoint.app_id] -= 1
        counts = one.hears(answer, step, by_hand=by_hand)
        jitter = random.uniform(-JITTER, JITTER)  # noqa: S311 - spreads load, guards nothing
        outcome = Outcome(answer.delivered, answer.status, is_probe, counts, jitter)
        self._ended.append((one, Result(endpoint, endpoint, outgoing, answer, outcome, at)))
        self._has_ended.set()
        self._start()
        if one.runs_low and not one.is_dry:
            self._is_low.set()

    async def _write(self) -> None:
        """Write down what has ended, and keep or end the leases, until nothing is served."""
        loop, most, failed = asyncio.get_running_loop(), WRITTEN_AT_ONCE, 0
        renewed = loop.time()
        while self._served and failed < LAST_TRIES:
            await self._gather(renewed + self._renew - loop.time())
            batch = self._ended[:most]
            # The lease runs from before the write, which may take longer than it lasts.
            began = loop.time()
            renews = began - renewed >= self._renew or self._has_lapsed()
            try:
                await self._record(batch, renews=renews)
            except Exception as error:
                log.error("attempts_not_written", attempts=len(batch), exc_info=error)
                if len(batch) == 1 and not isinstance(error, Unavailable):
                    # It stays in hand, so that it is not sent again and again.
                    self._forget(batch)
                most = max(1, len(batch) // 8)
                failed += self._is_finishing
                await asyncio.sleep(RETRY_SECONDS)
            else:
                most = WRITTEN_AT_ONCE
                renewed = began if renews else renewed
        self._writing = None

    async def _gather(self, seconds: float) -> None:
        """Until something is to be written, and some milliseconds more, for what comes with it."""
        is_over = any(self._is_over(one, Counter()) for one in self._served.values())
        if not is_over and not self._has_lapsed():
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0, seconds)):
                    await self._has_ended.wait()
        self._has_ended.clear()
        await asyncio.sleep(self._gather_seconds)

    async def _record(self, batch: list[tuple[Served, Result]], *, renews: bool) -> None:
        """In one write. An endpoint with nothing left is let go of with it, and served no more
        from before it: else more of its queue could be read in between."""
        written = Counter(one.endpoint.id for one, _ in batch)
        known = dict(self._served)
        idle = [one for one in known.values() if self._is_over(one, written)]
        for one in idle:
            del self._served[one.endpoint.id]
            self._turns.remove(one)
        kept = [one.endpoint for one in self._served.values()] if renews else []
        results = [msgspec.structs.replace(result, endpoint=one.endpoint) for one, result in batch]
        released, now = [one.endpoint for one in idle], self._runtime.clock.now()
        if not results and not kept and not released:
            return
        try:
            done = await self._runtime.db.write(record_attempts, results, kept, released, now)
        except Exception:
            self._served.update({one.endpoint.id: one for one in idle})
            self._turns.extend(idle)
            raise
        for endpoint_id in done.lost:
            most = known[endpoint_id].twice_at_most
            log.warning("endpoint_taken_over", endpoint=endpoint_id, twice_at_most=most)
            known[endpoint_id].stops()
        self._forget(batch)
        for one, result in batch:
            one.in_hand.discard(result.outgoing.id)
            one.written += 1
        for endpoint in kept:
            known[endpoint.id].written = 0
            known[endpoint.id].held_until = now + LEASE
        for endpoint in done.changed:
            if endpoint.id in self._served:
                self._served[endpoint.id].becomes(endpoint)
        for one in idle:
            self._remember(one)
            self._tenures.ended(one)
        if kept:
            self._start()  # what waited for its lease to be renewed

    def _has_lapsed(self) -> bool:
        """Whether it slept through a lease: nothing is begun until that is renewed, or lost."""
        now = self._runtime.clock.now()
        return any(one.held_until <= now for one in self._served.values())

    def _is_over(self, one: Served, written: Counter[str]) -> bool:
        if one.waiting or one.under_way or one.unwritten > written[one.endpoint.id]:
            return False
        return one.is_dry or not one.runs_low

    def _forget(self, batch: list[tuple[Served, Result]]) -> None:
        del self._ended[: len(batch)]
        for one, _ in batch:
            one.unwritten -= 1

    def _remember(self, one: Served) -> None:
        self._allowed[one.endpoint.id] = one.allowed
        self._allowed.move_to_end(one.endpoint.id)
        if len(self._allowed) > REMEMBERED:
            self._allowed.popitem(last=False)
