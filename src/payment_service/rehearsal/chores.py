"""What falls due for an app as its clock moves on: each kind of work, when next, and doing it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from payment_service.actions.cancel_codes import (
    CANCEL_AT_ONCE,
    cancel_code,
    lease_codes_to_cancel_of,
)
from payment_service.actions.expire_invoices import expire_invoices
from payment_service.actions.run_billing import run_billing
from payment_service.actions.send_reminders import send_reminders
from payment_service.actions.verify_charges import AT_ONCE as CHARGES_AT_ONCE
from payment_service.actions.verify_charges import claim_due_charges_of, verify_charge
from payment_service.kit.calendar import local_date, start_of
from payment_service.kit.errors import Refusal
from payment_service.kit.statements import Statement, Transaction
from payment_service.model.app import App
from payment_service.model.billing_run import RUN_AGAIN, RUN_AT, RUNS_OF_DAY
from payment_service.model.cancellation import NEXT_CANCELLATION_OF_APP
from payment_service.model.payer import PayerStep, payer_steps
from payment_service.model.reminder import NEXT_REMINDER_DAY, reminder_at
from payment_service.model.timeout import NEXT_TIMEOUT
from payment_service.model.verification import NEXT_CHECK_OF_APP
from payment_service.rehearsal.pay import Tell, take_step
from payment_service.runtime import Runtime, now_of

log = structlog.get_logger()

AT_ONCE = 32
"""Payers who pay at the same time."""
AGAIN = timedelta(minutes=1)
"""How soon work is looked at again that was done and is still due: it waits for something else."""
LOOKS = timedelta(minutes=10)
"""How far apart looks at codes are, unless a notice has come: a year has many of them."""
NEXT_TRY = timedelta(days=1)
"""When a payer who could not pay tries again."""


Due = Callable[[Transaction, App, datetime], datetime | None]
CHANGE_WHAT_IS_OWED = ("bill", "expire", "pay")
"""After these the payers are looked at again; what else pays an invoice wakes one for nothing."""


class Chore(NamedTuple):
    """One kind of work. `due` is when it is next to be done, None when there is none."""

    name: str
    due: Due
    do: Callable[[], Awaitable[object]]
    gap: timedelta = AGAIN


class Chores:
    """The work of one advance."""

    def __init__(self, runtime: Runtime, app: App, tell: Tell) -> None:
        self.app = app
        """With the clock as it now is."""
        self._runtime = runtime
        self._tell = tell
        self._done: dict[str, datetime] = {}
        self._failed: dict[str, datetime] = {}
        """When payers try again, by invoice."""
        self._payers_known = False
        self._payers_next: datetime | None = None
        # What is due at the same instant is done in this order.
        self._chores = (
            Chore("bill", _next_run, self._bill),
            Chore("verify", _first(NEXT_CHECK_OF_APP), self._verify, LOOKS),
            Chore("expire", _first(NEXT_TIMEOUT), self._expire),
            Chore("remind", _next_reminder, self._remind),
            Chore("pay", self._next_payer, self._pay),
            Chore("cancel", _first(NEXT_CANCELLATION_OF_APP), self._cancel),
        )

    async def next(self) -> list[tuple[Chore, datetime]]:
        """Each chore that is to be done, and when, perhaps in the past."""
        now = now_of(self._runtime, self.app)
        return await self._runtime.db.read(self._look, now)

    async def do(self, due: Iterable[Chore]) -> None:
        for chore in due:
            await chore.do()
            self._done[chore.name] = now_of(self._runtime, self.app)
            if chore.name in CHANGE_WHAT_IS_OWED:
                self._payers_known = False

    def _look(self, tx: Transaction, now: datetime) -> list[tuple[Chore, datetime]]:
        found = []
        for chore in self._chores:
            at = chore.due(tx, self.app, now)
            if at is not None:
                done = self._done.get(chore.name)
                found.append((chore, at if done is None else max(at, done + chore.gap)))
        return found

    async def _bill(self) -> None:
        await run_billing(self._runtime, self.app)

    async def _verify(self) -> None:
        claimed = await claim_due_charges_of(self._runtime, self.app)
        while claimed:
            await asyncio.gather(*(verify_charge(self._runtime, *one) for one in claimed))
            whole = len(claimed) == CHARGES_AT_ONCE
            claimed = await claim_due_charges_of(self._runtime, self.app) if whole else []

    async def _expire(self) -> None:
        await expire_invoices(self._runtime, self.app)

    async def _remind(self) -> None:
        await send_reminders(self._runtime, self.app)

    async def _cancel(self) -> None:
        leased = await lease_codes_to_cancel_of(self._runtime, self.app)
        while leased:
            await asyncio.gather(*(cancel_code(self._runtime, charge) for charge in leased))
            whole = len(leased) == CANCEL_AT_ONCE
            leased = await lease_codes_to_cancel_of(self._runtime, self.app) if whole else []

    def _next_payer(self, tx: Transaction, _: App, now: datetime) -> datetime | None:
        if not self._payers_known:
            steps = self._steps(tx, now)
            self._payers_next = steps[0].at if steps else None
            self._payers_known = True
        return self._payers_next

    def _steps(self, tx: Transaction, now: datetime) -> list[PayerStep]:
        steps = payer_steps(tx, self.app.id, self.app.zone, now)
        tries = (
            step._replace(at=max(step.at, self._failed.get(step.invoice_id, step.at)))
            for step in steps
        )
        return sorted(tries)

    async def _pay(self) -> None:
        now = now_of(self._runtime, self.app)
        steps = await self._runtime.db.read(self._steps, now)
        due = [step for step in steps if step.at <= now]
        self._done.pop("verify", None)
        for first in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._step(step) for step in due[first : first + AT_ONCE]))

    async def _step(self, step: PayerStep) -> None:
        try:
            await take_step(self._runtime, self.app, step.invoice_id, step.step, self._tell)
        except Refusal as refusal:
            log.info("payer_could_not_pay", invoice=step.invoice_id, code=refusal.code)
            self._failed[step.invoice_id] = now_of(self._runtime, self.app) + NEXT_TRY


def _next_run(tx: Transaction, app: App, now: datetime) -> datetime | None:
    today = local_date(now, app.zone)
    finished = [
        run for run in tx.all(RUNS_OF_DAY, app_id=app.id, day=today) if run.finished_at is not None
    ]
    if not finished:
        return start_of(today, app.zone) + RUN_AT
    last = max(finished, key=lambda run: run.finished_at or now)
    tomorrow = start_of(today + timedelta(days=1), app.zone) + RUN_AT
    if last.counts.waiting and not last.held and last.finished_at is not None:
        return min(last.finished_at + RUN_AGAIN, tomorrow)
    return tomorrow


def _first(statement: Statement[datetime]) -> Due:
    """The instant that a statement gives for the app."""

    def due(tx: Transaction, app: App, _: datetime) -> datetime | None:
        return tx.one(statement, app_id=app.id)

    return due


def _next_reminder(tx: Transaction, app: App, _: datetime) -> datetime | None:
    day = tx.one(NEXT_REMINDER_DAY, app_id=app.id)
    return None if day is None else reminder_at(app, day, 0)
