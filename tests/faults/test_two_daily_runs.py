"""Four billing runs at once, their clocks up to five minutes apart, two of them killed midway: no
renewal is issued twice, and none is missing."""

import asyncio
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from pydantic import SecretStr
from sqlalchemy import Text, cast, select

from payment_service.actions.add_plan import add_plan
from payment_service.actions.register_app import Registration, register_app
from payment_service.actions.run_billing import run_billing
from payment_service.actions.subscribe import Subscriber, subscribe
from payment_service.config import Settings, open_runtime
from payment_service.kit.statements import Transaction
from payment_service.migrations.upgrade import connected
from payment_service.model.app import app_by_id
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.subscription import subscriptions
from payment_service.runtime import Runtime
from tests.clocks import HandClock
from tests.counts import times
from tests.databases import PostgresServer
from tests.dying import Boundaries, processes
from tests.faults.boundaries import Crossed, Passes
from tests.invariants import check_invariants
from tests.seeds import replayed, seeds
from tests.service import KEY
from tests.story import PLANS

ROUNDS = {
    "sqlite": seeds(times(1, 1_000, push=50)),
    "postgresql": seeds(times(1, 1_000, push=50)),
}
TENANTS = 150
RUNNERS, KILLED = 4, 2
ENOUGH_ROUNDS, ENOUGH_DIE = 20, 0.25
"""The share of those who should die that must have, in as many rounds or more: where four share the
work some have done theirs before the boundary at which they would."""
APART = 300.0
"""Seconds that a clock may be wrong, either way."""
TRIAL = next(plan for plan in PLANS if plan.trial_days == 14)
SUBSCRIBED = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 2, 6, 17, 0, tzinfo=UTC)
"""In Jakarta, on the day on which the renewals of all are due: for some runners it is the day
before."""
HOUR = timedelta(hours=1)
LATER = timedelta(days=9)
"""Until their grace begins."""


class Shop(NamedTuple):
    url: str
    app_id: str
    secret_key: str = KEY


async def opened(shop: Shop, clock: HandClock) -> Runtime:
    settings = Settings(database_url=shop.url, secret_key=SecretStr(shop.secret_key))
    return await open_runtime(settings, clock=clock)


async def full_shop(url: str) -> Shop:
    """Many tenants who are all on trial, and whose renewals are all due on one day."""
    runtime = await opened(Shop(url, ""), HandClock(SUBSCRIBED))

    def fill(tx: Transaction) -> str:
        now = runtime.clock.now()
        wanted = Registration("BukuBengkel", "test", webhook_url="https://hear.example/")
        app = register_app(tx, wanted, runtime.secrets, runtime.targets, now).app
        add_plan(tx, app.id, TRIAL, now)
        for number in range(TENANTS):
            who = Subscriber(f"tenant-{number}")
            subscribe(tx, app, runtime.links, who, TRIAL.code, None, {}, now)
        return app.id

    app_id = await runtime.db.write(fill)
    await runtime.close()
    return Shop(url, app_id)


async def bills(shop: Shop, now: datetime, passes: Passes) -> None:
    runtime = await opened(shop, HandClock(now))
    crossed = msgspec.structs.replace(runtime, db=Crossed(runtime.db, passes))
    app = await runtime.db.read(lambda tx: app_by_id(tx, shop.app_id))
    await run_billing(crossed, app)
    await runtime.close()


async def bills_in_peace(shop: Shop, now: datetime) -> int:
    """How many boundaries it passed."""
    passed = 0

    def passes() -> None:
        nonlocal passed
        passed += 1

    await bills(shop, now, passes)
    return passed


def runs(shop: Shop, now: datetime, at: int) -> None:
    """In a process of its own, which dies at that boundary if it comes to it."""
    asyncio.run(bills(shop, now, Boundaries(at, processes.Value("i", 0)).passes))


class Books(NamedTuple):
    """What must be the same however many runs there were: the names are those of one template."""

    standing: Counter[Any]
    issued: Counter[Any]
    told: Counter[Any]


def books(url: str) -> Books:
    standing = select(
        subscriptions.c.id, subscriptions.c.status, cast(subscriptions.c.grace_until, Text),
        subscriptions.c.seq,
    )  # fmt: skip
    issued = select(
        invoices.c.subscription_id, invoices.c.period_start, invoices.c.period_end,
        invoices.c.status, invoices.c.total, invoices.c.due_on,
    )  # fmt: skip
    told = select(events.c.type, events.c.app_id)
    with connected(url) as connection:
        one, two, three = (
            Counter(tuple(row) for row in connection.execute(statement))
            for statement in (standing, issued, told)
        )
        return Books(one, two, three)


def race(shop: Shop, dice: Random, midnight: datetime, boundaries: int) -> int:
    """Four at once, two of whom die on their way; how many did."""
    running = []
    for number in range(RUNNERS):
        now = midnight + timedelta(seconds=dice.uniform(-APART, APART))
        at = dice.randrange(boundaries) if number < KILLED else -1
        process = processes.Process(target=runs, args=(shop, now, at))
        process.start()
        running.append(process)
    for process in running:
        process.join(60)
    codes = [process.exitcode for process in running]
    assert set(codes) <= {0, -signal.SIGKILL}, codes
    assert codes[KILLED:] == [0] * (RUNNERS - KILLED), codes
    return codes.count(-signal.SIGKILL)


Clone = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def clone(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Clone:
    """Copies of the database, each gone when it is left."""

    @contextmanager
    def cloned() -> Iterator[str]:
        if database_url.startswith("sqlite"):
            copy = tmp_path / "copy.sqlite3"
            shutil.copyfile(database_url.removeprefix("sqlite:///"), copy)
            yield f"sqlite:///{copy}"
            for left in tmp_path.glob("copy.sqlite3*"):
                left.unlink()
        else:
            server: PostgresServer = request.getfixturevalue("postgres")
            with server.copies() as copied:
                yield copied(database_url, "")

    return cloned


@pytest.mark.timeout(3_600)
async def test_each_renewal_is_issued_once_whoever_runs_and_whoever_dies(
    database_url: str, clone: Clone
) -> None:
    shop = await full_shop(database_url)
    expected: list[tuple[datetime, int, Books]] = []
    with clone() as url:
        for midnight in (MIDNIGHT, MIDNIGHT + LATER):
            passed = await bills_in_peace(shop._replace(url=url), midnight + HOUR)
            expected.append((midnight, passed, books(url)))
    assert len(expected[0][2].issued) == TENANTS
    died = 0
    rounds = ROUNDS["sqlite" if database_url.startswith("sqlite") else "postgresql"]
    for seed in rounds:
        with replayed(seed), clone() as url:
            for midnight, passed, once in expected:
                one, dice = shop._replace(url=url), Random(f"{seed} {midnight}")
                died += await asyncio.to_thread(race, one, dice, midnight, passed)
                await bills_in_peace(one, midnight + HOUR)
                assert books(url) == once
            await asyncio.to_thread(check_invariants, url)
    doomed = 2 * KILLED * len(rounds)
    print(f"{died} of {doomed} runs died midway")  # noqa: T201 - a figure
    assert len(rounds) < ENOUGH_ROUNDS or died >= ENOUGH_DIE * doomed, f"{died} of {doomed} died"
