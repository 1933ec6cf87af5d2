"""The worker: what happens without anybody asking, in turns that never wait for one another."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NamedTuple

import structlog

from payment_service.actions.cancel_codes import cancel_code, lease_codes_to_cancel
from payment_service.actions.check_money_nightly import check_money_nightly
from payment_service.actions.deliver import Courier
from payment_service.actions.expire_invoices import expire_invoices
from payment_service.actions.give_up_deliveries import give_up_deliveries
from payment_service.actions.note_stop import note_stop
from payment_service.actions.purge_answers import purge_answers
from payment_service.actions.purge_attempts import purge_attempts
from payment_service.actions.resend import go_on_with_resends
from payment_service.actions.run_billing import run_billing
from payment_service.actions.send_alerts import send_alerts
from payment_service.actions.send_reminders import send_reminders
from payment_service.actions.verify_charges import claim_due_charges, verify_charge
from payment_service.actions.watch_backups import watch_backups
from payment_service.actions.watch_billing import watch_billing
from payment_service.actions.watch_machine import watch_machine
from payment_service.actions.watch_outbox import watch_outbox
from payment_service.actions.watch_worker import watch_worker
from payment_service.kit.errors import Unavailable
from payment_service.kit.sparing_log import SparingLog
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.billing_run import wants_run
from payment_service.model.flaw import standing_flaw
from payment_service.runtime import Runtime

log = structlog.get_logger()

VERIFY_EVERY = 0.5
DELIVER_EVERY = 0.1
BILL_EVERY = 30.0
WATCH_EVERY = 5.0


class Turn(NamedTuple):
    """What is done again and again, `seconds` apart, or at once while it finds work."""

    name: str
    seconds: float
    take: Callable[[], Coroutine[Any, Any, bool]]
    """Whether there was work."""
    is_long: bool = False
    """Broken off when the worker stops: its lease leaves the rest to another."""


class Worker:
    """Does what is in its turns until it is told to stop."""

    def __init__(self, runtime: Runtime, *, only_watches: bool = False) -> None:
        """With `only_watches` it does none of the work, but looks after the place that it is in,
        and tells the owner: where no worker runs, somebody must."""
        self._runtime = runtime
        self._log = SparingLog()
        self._stopping = asyncio.Event()
        self._verifying = UnderWay("verification_failed")
        self._courier = Courier(runtime)
        self._canceling = UnderWay("canceling_failed")
        if runtime.machine is not None and not only_watches:
            runtime.machine.roles.add("worker")
        watch = (
            Turn("watch", WATCH_EVERY, partial(watch_machine, runtime), is_long=True),
            Turn("watch_backups", 60.0, partial(watch_backups, runtime), is_long=True),
            Turn("watch_worker", 30.0, partial(watch_worker, runtime), is_long=True),
            Turn("watch_billing", 60.0, partial(watch_billing, runtime), is_long=True),
            Turn("watch_outbox", 60.0, partial(watch_outbox, runtime), is_long=True),
            Turn("send_alerts", 5.0, partial(send_alerts, runtime), is_long=True),
        )
        work = (
            Turn("verify", VERIFY_EVERY, self._verify),
            Turn("deliver", DELIVER_EVERY, self._deliver),
            Turn("resend", 0.5, partial(go_on_with_resends, runtime)),
            Turn("give_up", 5.0, partial(give_up_deliveries, runtime)),
            Turn("purge_attempts", 600.0, partial(purge_attempts, runtime)),
            Turn("cancel", 1.0, self._cancel),
            Turn("bill", BILL_EVERY, self.bill, is_long=True),
            Turn("purge_answers", 60.0, partial(purge_answers, runtime)),
            Turn("check_money", 60.0, partial(check_money_nightly, runtime), is_long=True),
        )
        self._turns = watch if only_watches else (*watch, *work)

    async def run(self) -> None:
        """Work until `stop`; what is under way is finished first."""
        await asyncio.gather(*(self._repeat(turn) for turn in self._turns))
        await asyncio.gather(
            self._courier.finish(), self._verifying.finish(), self._canceling.finish()
        )
        await note_stop(self._runtime)

    def stop(self) -> None:
        self._stopping.set()

    async def _repeat(self, turn: Turn) -> None:
        while not self._stopping.is_set():
            found = False
            try:
                found = await (self._unless_stopped(turn) if turn.is_long else turn.take())
            except Unavailable as refusal:  # the database takes nothing now: no fault of the turn
                self._log.tell("worker_waits", refusal.code, turn=turn.name, reason=refusal.code)
            except Exception as error:
                log.error("worker_turn_failed", turn=turn.name, exc_info=error)
            if not found:
                await self._pause(turn.seconds)

    async def _unless_stopped(self, turn: Turn) -> bool:
        taking = asyncio.create_task(turn.take())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((taking, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not taking.done():
            taking.cancel()
            await asyncio.wait((taking,))
        return not taking.cancelled() and taking.result()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _verify(self) -> bool:
        claimed = await claim_due_charges(self._runtime, self._verifying.count)
        for app, charge in claimed:
            self._verifying.start(verify_charge(self._runtime, app, charge), app.id)
        # With a backlog there is room again as soon as a call has ended.
        return bool(claimed) or await self._verifying.one_ends(VERIFY_EVERY)

    async def _deliver(self) -> bool:
        if not await self._courier.take():
            await self._courier.runs_low(DELIVER_EVERY)
        return True

    async def bill(self) -> bool:
        """What the calendar brings: invoices whose time is over, each app's run, reminders.
        Not while clock or books are not believed."""
        await watch_machine(self._runtime)
        if "clock_jumped" in self._runtime.troubles.standing:
            return False
        if await self._runtime.db.read(standing_flaw) is not None:
            return False
        for app in await self._runtime.db.read(_apps):
            await expire_invoices(self._runtime, app)
            now = self._runtime.clock.now()
            if await self._runtime.db.read(wants_run, app, app.at(now), now):
                await run_billing(self._runtime, app)
            await send_reminders(self._runtime, app)
        return False

    async def _cancel(self) -> bool:
        leased = await lease_codes_to_cancel(self._runtime, self._canceling.count.total())
        for charge in leased:
            self._canceling.start(cancel_code(self._runtime, charge), charge.app_id)
        return bool(leased)


def _apps(tx: Transaction) -> list[App]:
    return tx.all(APPS)


class UnderWay:
    """Work that was begun and is not waited for: a slow gateway must not hold up the next turn."""

    def __init__(self, failed: str) -> None:
        self._failed = failed
        """What the log says when one breaks."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.count: Counter[str] = Counter()
        """By whose gateway or endpoint it is."""

    def start(self, work: Coroutine[None, None, None], whose: str) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        self.count[whose] += 1

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self.count[whose] -= 1
            if not self.count[whose]:
                del self.count[whose]
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error(self._failed, whose=whose, exc_info=error)

        task.add_done_callback(ended)

    async def one_ends(self, seconds: float) -> bool:
        """Wait for one of them to end, but no longer; False, at once, when there is none."""
        if not self._tasks:
            return False
        await asyncio.wait(self._tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return True

    async def finish(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)
