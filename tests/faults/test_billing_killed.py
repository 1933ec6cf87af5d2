"""kill -9 of the billing run in its middle, and several runs in several processes at once."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from payment_service.actions.add_plan import add_plan
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.statements import Transaction, save, value
from payment_service.migrations.upgrade import connected
from payment_service.model.app import App
from payment_service.model.invoice import invoices
from payment_service.model.subscription import subscriptions
from payment_service.runtime import Runtime
from tests.cli.commands import Operator
from tests.counts import times
from tests.invariants import check_invariants
from tests.seeds import SEED
from tests.service import KEY
from tests.story import PLANS

TENANTS = times(800, 20_000, push=4_000)
KILLS = times(2, 10)
CHUNK = 100
MOST_TRIES = 5
TRIAL = next(plan for plan in PLANS if plan.trial_days == 14)


async def app_of_tenants(runtime: Runtime) -> App:
    def register(tx: Transaction) -> App:
        now = runtime.clock.now()
        wanted = Registration(name="BukuBengkel", mode="test", webhook_url="https://hear.example/")
        done = register_app(tx, wanted, runtime.secrets, runtime.targets, now)
        add_plan(tx, done.app.id, TRIAL, now)
        return done.app

    app = await runtime.db.write(register)
    await tenants_come(runtime, app, 0)
    return app


async def tenants_come(runtime: Runtime, app: App, place: int) -> None:
    """On a trial of 14 days, from that number on."""

    def some(tx: Transaction, first: int) -> None:
        for number in range(first, first + CHUNK):
            who = Subscriber(f"tenant-{number}")
            now = runtime.clock.now()
            subscribe(tx, app, runtime.links, who, TRIAL.code, None, {}, now)

    for first in range(place, place + TENANTS, CHUNK):
        await runtime.db.write(some, first)


async def days_pass_for(runtime: Runtime, app: App, days: int) -> App:
    """By the test app's own clock: the processes have the machine's."""
    ahead = msgspec.structs.replace(app, clock_offset=int(timedelta(days=days).total_seconds()))
    return await runtime.db.write(save, app, ahead)


ISSUED = value(select(func.count()).select_from(invoices), int)


async def issued(runtime: Runtime) -> int:
    return await runtime.db.read(lambda tx: tx.one(ISSUED)) or 0


def in_state(url: str, status: str) -> int:
    counted = select(func.count()).select_from(subscriptions)
    with connected(url) as connection:
        return connection.scalar(counted.where(subscriptions.c.status == status)) or 0


@pytest.mark.timeout(600)
async def test_a_run_that_is_killed_loses_nothing_and_repeats_nothing(
    database_url: str, tmp_path: Path
) -> None:
    runtime = await open_runtime(Settings(database_url=database_url, secret_key=SecretStr(KEY)))
    app = await days_pass_for(runtime, await app_of_tenants(runtime), 8)
    operator = Operator(tmp_path, database_url=database_url, secret_key=KEY)
    dice, tenants = Random(SEED), TENANTS
    for kill in range(KILLS):
        goal = dice.randrange(
            1 + TENANTS * kill // (2 * KILLS), TENANTS * (kill + 1) // (2 * KILLS)
        )
        for _ in range(MOST_TRIES):
            run = operator.starts("run-billing")
            while await issued(runtime) < goal and run.poll() is None:  # noqa: ASYNC110 - its process
                await asyncio.sleep(0.002)  # asked without a pause it had half of a processor
            run.send_signal(signal.SIGKILL)
            run.communicate()
            check_invariants(database_url)
            left = tenants - await issued(runtime)
            if left or kill:
                break
            await tenants_come(runtime, app, tenants)  # it was over before anybody looked
            tenants, goal = tenants + TENANTS, goal + tenants
        assert left or kill, "the run was over before it could be killed"
    assert operator.runs("run-billing").code == 0
    assert await issued(runtime) == tenants

    app = await days_pass_for(runtime, app, 15)
    both = [operator.starts("run-billing") for _ in range(3)]
    for run in both:
        _, told = await asyncio.to_thread(run.communicate)
        assert run.returncode == 0, told
    assert in_state(database_url, "grace") == tenants
    await runtime.close()
    check_invariants(database_url)
