"""Run the billing of one app for one local day: renewals, grace, suspensions, ends.

Every step follows from dates alone, so the run may come late, be killed, or meet another: what is
done is not done again, and what was missed is made up for.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec
import structlog

from payment_service.books.billing_chunk import (
    Chunk,
    Walk,
    advance,
    end,
    finish,
    hold,
    note,
    pass_over,
    suspend,
)
from payment_service.books.find_due import BEGINNING, last_day_of
from payment_service.books.take_steps import Case, Plans
from payment_service.kit.calendar import end_of, local_date
from payment_service.kit.errors import Unavailable
from payment_service.kit.metrics import Histogram
from payment_service.kit.pace import Pace, timed
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.billing_run import BillingRun, Counts, begin_run
from payment_service.model.due import MOST_AT_ONCE, Place
from payment_service.model.nonpayment import UNPAID_TOO_LONG
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()
RUN_SECONDS = Histogram(
    "billing_run_seconds",
    "Seconds that the billing run of one app took.",
    bounds=(0.1, 0.5, 1, 5, 10, 60, 300, 1800),
)

LEASE = timedelta(minutes=2)
"""How long a run that is not heard of again is taken to be under way."""
ENDED_AT_ONCE = 20
Told = Callable[[int], None]


async def run_billing(
    runtime: Runtime,
    app: App,
    day: date | None = None,
    *,
    forced: bool = False,
    told: Told | None = None,
) -> BillingRun:
    """Make the app's run for a local day, by default today on its clock; gives the run's record.

    `forced` releases the breaker for that day. `told` hears how many subscriptions were looked at.
    """
    now = now_of(runtime, app)
    day = day or local_date(now, app.zone)
    machine_now = runtime.clock.now()
    run = await runtime.db.write(
        begin_run, app.id, day, now, forced=forced, lease_until=machine_now + LEASE
    )
    loop = asyncio.get_running_loop()
    began = loop.time()
    made = await _Run(runtime, app, day, run, told).make()
    RUN_SECONDS.observe(loop.time() - began)
    return made


class _Seen(NamedTuple):
    """What a walk came by: the suspensions that are due, who waits for the gateway, and where the
    stretches with either begin and end."""

    begin: Place
    last_day: date
    suspensions: int = 0
    waiting: int = 0

    def and_then(self, chunk: Chunk) -> "_Seen":
        if not chunk.suspensions + chunk.waiting:
            return self
        return _Seen(
            self.begin if self.suspensions + self.waiting else chunk.stretch.after,
            chunk.stretch.to.paid_through,
            self.suspensions + chunk.suspensions,
            self.waiting + chunk.waiting,
        )


class _Run:
    """One run under way."""

    def __init__(
        self, runtime: Runtime, app: App, day: date, run: BillingRun, told: Told | None
    ) -> None:
        self._runtime = runtime
        self._db = runtime.db
        self._app = app
        self._day = day
        self._run = run
        self._told = told
        self._plans: Plans = {}
        self._looked_at = 0
        self._chunks: list[float] = []
        """The seconds that each transaction took so far, without its commit."""

    async def make(self) -> BillingRun:
        seen = await self._walk(advance, BEGINNING, last_day_of(self._app, self._day))
        due, waiting = seen.suspensions, seen.waiting
        held = due > 0 and await self._db.write(hold, self._app, self._run, due, self._now())
        if not held:
            if due:
                waiting = (await self._walk(suspend, seen.begin, seen.last_day)).waiting
            await self._end_unpaid()
        left = Counts(waiting=waiting, held=due if held else 0)
        self._run = await self._db.write(finish, self._run, left, held, self._now())
        log.info(
            "billing_run",
            app=self._app.id,
            day=str(self._day),
            **_spread(self._chunks),
            **msgspec.structs.asdict(self._run.counts),
        )
        return self._run

    def _now(self) -> datetime:
        return now_of(self._runtime, self._app)

    async def _walk(self, unit: Callable[..., Chunk], place: Place, last_day: date) -> _Seen:
        """Through all with access from a place to that last paid day. What fails is narrowed down,
        told, and passed over."""
        seen, size, most = _Seen(place, last_day), Pace(most=MOST_AT_ONCE), Pace(most=MOST_AT_ONCE)
        while True:
            walk = Walk(place, last_day, size.size, most.size)
            try:
                chunk, seconds = await self._db.write_between(
                    timed, unit, self._case(), self._run, walk, self._lease()
                )
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one must not stop the others
                if size.size > 1:
                    size.failed()
                    continue
                chunk, seconds = await self._pass_over(place, last_day, error), 0.0
            self._run = chunk.run
            self._chunks.append(seconds)
            seen = seen.and_then(chunk)
            if chunk.stretch.is_end:
                return seen
            self._looked_at += chunk.acted if chunk.is_cut else walk.size
            if self._told is not None:
                self._told(self._looked_at)
            place = chunk.stretch.to
            # Who has nothing to do costs a hundredth of who has: each has a pace of its own.
            (most if chunk.is_cut else size).took(seconds)

    def _case(self) -> Case:
        return Case(self._app, self._runtime.links, self._plans, self._day, self._now())

    def _lease(self) -> datetime:
        return self._runtime.clock.now() + LEASE

    async def _pass_over(self, place: Place, last_day: date, error: Exception) -> Chunk:
        return await self._db.write(pass_over, self._case(), self._run, place, last_day, error)

    async def _end_unpaid(self) -> None:
        days = self._app.cancel_after_days
        if days is None:
            return
        before = end_of(self._day - timedelta(days=days), self._app.zone)
        after = ""
        while True:
            ids = await self._db.read(_unpaid_too_long, self._app.id, before, after)
            if ids:
                await self._end(ids, before)
            if len(ids) < ENDED_AT_ONCE:
                return
            after = ids[-1]

    async def _end(self, ids: list[str], before: datetime) -> None:
        """All at once; one by one where that fails."""
        try:
            self._run = await self._db.write(end, self._case(), self._run, ids, before)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one must not stop the others
            if len(ids) > 1:
                for one in ids:
                    await self._end([one], before)
                return
            self._run = await self._db.write(note, self._case(), self._run, ids[0], error)


def _unpaid_too_long(tx: Transaction, app_id: str, before: datetime, after: str) -> list[str]:
    return tx.all(UNPAID_TOO_LONG, app_id=app_id, before=before, after=after, limit=ENDED_AT_ONCE)


def _spread(chunks: list[float]) -> dict[str, float]:
    """How long the transactions of a run kept everybody else waiting, in milliseconds."""
    ms = [round(seconds * 1000, 1) for seconds in sorted(chunks)]
    return {
        "chunks": len(ms),
        "chunk_ms_p50": ms[len(ms) // 2],
        "chunk_ms_p99": ms[min(len(ms) - 1, len(ms) * 99 // 100)],
        "chunk_ms_max": ms[-1],
    }
