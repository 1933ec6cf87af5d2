"""A year of a test app in one call: a hundred subscriptions, whose payers have every habit."""

import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path

import msgspec

from bench.databases import settings_in
from bench.finding import Finding
from bench.load import Progress as Done
from bench.prepare import PLAN
from bench.run import Stage
from payment_service.actions.add_plan import NewPlan, add_plan
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.set_payer import set_payer
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import open_runtime
from payment_service.kit.calendar import local_date
from payment_service.kit.clock import monotonic
from payment_service.model.app import app_by_id
from payment_service.model.clock_advance import ClockAdvance
from payment_service.model.payer import HABITS, Habit
from payment_service.rehearsal.advance_clock import begin, go_on
from payment_service.rehearsal.told import Span, span
from payment_service.runtime import Runtime, now_of
from payment_service.web.simulated import tell_and_wait

SUBSCRIPTIONS = 100
A_DAY = 4
"""So many subscribe on each of the first days."""
DAYS = 365
GOAL = 20.0


class YearReport(msgspec.Struct, frozen=True):
    """`counts` are the year's events by type."""

    subscriptions: int
    days: int
    seconds: float
    counts: dict[str, int]

    @property
    def exit_code(self) -> int:
        return 0 if self.counts.get("subscription.renewed") else 1

    @property
    def findings(self) -> list[Finding]:
        name = f"{self.days} days of {self.subscriptions} subscriptions"
        return [Finding(name, self.seconds, GOAL, "s", at_least=False)]


def run_year(
    folder: Path, stage: Stage, *, subscriptions: int = SUBSCRIPTIONS, days: int = DAYS
) -> YearReport:
    return asyncio.run(_run(folder, stage, subscriptions, days))


async def _run(folder: Path, stage: Stage, subscriptions: int, days: int) -> YearReport:
    runtime = await open_runtime(settings_in(folder))
    try:
        wanted = Registration(name="Bengkel", mode="test")
        app, *_ = await runtime.db.write(
            register_app, wanted, runtime.secrets, runtime.targets, runtime.clock.now()
        )
        plan = NewPlan(PLAN, "Bulanan", 99_000, 1)
        await runtime.db.write(add_plan, app.id, plan, runtime.clock.now())
        with stage("subscribe", subscriptions) as done:
            await _subscribe(runtime, app.id, subscriptions, done)
        began = monotonic()
        with stage("a year", days) as done:
            told = await _advance(runtime, app.id, days, done)
        return YearReport(subscriptions, days, monotonic() - began, told.counts)
    finally:
        await runtime.close()


async def _subscribe(runtime: Runtime, app_id: str, subscriptions: int, done: Done) -> None:
    """On several days, so that they do not all fall due on one."""
    for number in range(subscriptions):
        app = await runtime.db.read(app_by_id, app_id)
        now, habit = now_of(runtime, app), _habit(number)
        tenant = Subscriber(f"tenant-{number}")
        made = await runtime.db.write(subscribe, app, runtime.links, tenant, PLAN, None, {}, now)
        await runtime.db.write(set_payer, app, made.resource.id, habit, now)
        if number % A_DAY == A_DAY - 1:
            await _advance(runtime, app_id, 1, None)
        done(number + 1)


def _habit(number: int) -> Habit:
    return HABITS[number % len(HABITS)]


async def _advance(runtime: Runtime, app_id: str, days: int, done: Done | None) -> Span:
    app = await runtime.db.read(app_by_id, app_id)
    first = local_date(now_of(runtime, app), app.zone)
    begun = await begin(runtime, app_id, first + timedelta(days=days))
    going = asyncio.create_task(go_on(runtime, begun, tell_and_wait))
    while not going.done():
        await asyncio.wait((going,), timeout=0.5)
        if done is not None:
            done((await _today(runtime, begun) - first).days)
    await going
    return await runtime.db.read(span, app_id, begun.first_position, runtime.clock.now())


async def _today(runtime: Runtime, begun: ClockAdvance) -> date:
    app = await runtime.db.read(app_by_id, begun.app_id)
    return local_date(now_of(runtime, app), app.zone)


def show_year(report: YearReport) -> None:
    events = sum(report.counts.values())
    sys.stdout.write(
        f"{report.subscriptions} subscriptions, {report.days} days: {report.seconds:.1f} s "
        f"(goal {GOAL:.0f} s), {events} events\n"
    )
