"""The billing run: late, twice, at the same time, killed in the middle, and held back."""

import asyncio
from datetime import date, time, timedelta

import msgspec
from sqlalchemy import update

from payment_service.actions.plan_billing import plan_billing
from payment_service.actions.run_billing import run_billing
from payment_service.kit.statements import Transaction, command, param, save
from payment_service.model.app import APPS, App
from payment_service.model.billing_run import BillingRun
from payment_service.model.subscription import subscriptions
from tests.story import Story, Tenant

FIRST_END = date(2026, 2, 28)
GRACE_END = date(2026, 3, 7)


async def paid(story: Story, name: str = "Bengkel Jaya", plan: str = "bulanan") -> Tenant:
    tenant = await story.subscribe(name, plan)
    await tenant.pays(await tenant.asks_for_code())
    return tenant


async def app_of(story: Story) -> App:
    (app,) = await story.service.runtime.db.read(lambda tx: tx.all(APPS))
    return app


async def set_app(story: Story, **changes: object) -> None:
    def unit(tx: Transaction) -> None:
        (app,) = tx.all(APPS)
        save(tx, app, msgspec.structs.replace(app, **changes))

    await story.service.runtime.db.write(unit)


async def run(story: Story, *, forced: bool = False) -> BillingRun:
    return await run_billing(story.service.runtime, await app_of(story), forced=forced)


async def statuses(tenants: list[Tenant]) -> list[str]:
    return [await tenant.status() for tenant in tenants]


async def test_a_renewal_is_issued_a_week_ahead_and_only_once(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 20))
    assert (await tenant.subscription())["open_invoice"] is None
    await story.days_pass()
    invoice = (await tenant.subscription())["open_invoice"]
    assert (invoice["kind"], invoice["issued_on"], invoice["due_on"]) == (
        "renewal",
        "2026-02-21",
        "2026-02-28",
    )
    assert (invoice["period_start"], invoice["period_end"]) == ("2026-03-01", "2026-03-31")
    await story.days_pass(3)
    assert (await tenant.subscription())["open_invoice"] == invoice


async def test_nothing_happens_before_one_in_the_morning(story: Story) -> None:
    tenant = await paid(story)
    await story.it_becomes(date(2026, 3, 1), time(0, 59))
    assert await tenant.status() == "active"
    await story.it_becomes(date(2026, 3, 1), time(1, 0))
    assert await tenant.status() == "grace"


async def test_after_twenty_days_of_sleep_nobody_loses_access(story: Story) -> None:
    """What was missed is made up for, with the periods and dates it should have had."""
    tenant = await paid(story)
    await story.it_becomes(date(2026, 3, 12), time(8))
    now = await tenant.subscription()
    assert (now["status"], now["access"]) == ("grace", True)
    assert now["open_invoice"]["due_on"] == "2026-02-28"
    assert now["open_invoice"]["period_start"] == "2026-03-01"
    assert (now["open_invoice"]["issued_on"], now["grace_until"]) == ("2026-03-12", "2026-03-19")
    types = await story.heard_types()
    assert types.count("invoice.issued") == 2
    assert types.count("subscription.grace_started") == 1
    await tenant.pays(await tenant.asks_for_code())
    assert (await tenant.subscription())["paid_through"] == "2026-03-31"


async def test_a_grace_that_ended_while_we_slept_leaves_a_day_to_pay(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 27))
    await story.it_becomes(date(2026, 3, 20), time(8))
    now = await tenant.subscription()
    assert (now["status"], now["grace_until"]) == ("grace", "2026-03-20")
    await story.days_pass()
    assert await tenant.status() == "suspended"


async def test_runs_at_the_same_time_double_nothing_and_miss_nothing(story: Story) -> None:
    tenants = [await paid(story, f"Bengkel {number}") for number in range(25)]
    story.clock.advance(timedelta(days=22))
    await asyncio.gather(*(run(story) for _ in range(4)))
    invoices = [(await tenant.subscription())["open_invoice"] for tenant in tenants]
    assert len({invoice["number"] for invoice in invoices}) == 25
    assert (await story.heard_types()).count("invoice.issued") == 50
    story.clock.advance(timedelta(days=7))
    await asyncio.gather(*(run(story) for _ in range(4)))
    assert set(await statuses(tenants)) == {"grace"}
    assert (await story.heard_types()).count("subscription.grace_started") == 25


async def test_clocks_five_minutes_apart_around_midnight_agree(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 27))
    app = await app_of(story)
    runtime = story.service.runtime
    days = (FIRST_END, FIRST_END + timedelta(days=1), FIRST_END, FIRST_END + timedelta(days=1))
    await asyncio.gather(*(run_billing(runtime, app, day) for day in days))
    assert (await story.heard_types()).count("subscription.grace_started") == 1
    assert await tenant.status() == "grace"


async def test_more_than_ten_and_a_fifth_of_all_are_not_suspended_at_once(story: Story) -> None:
    tenants = [await paid(story, f"Bengkel {number}") for number in range(11)]
    await story.until(GRACE_END)
    await story.days_pass()
    assert set(await statuses(tenants)) == {"grace"}
    assert "suspensions_held" in await story.alerts()
    held = (await story.service.runtime.db.read(lambda tx: tx.all(APPS)))[0]
    assert (await plan_billing(story.service.runtime, held)).is_held

    forced = await run(story, forced=True)
    assert forced.counts.suspended == 11
    assert set(await statuses(tenants)) == {"suspended"}
    assert "suspensions_held" not in await story.alerts()


async def test_ten_suspensions_in_a_day_are_believed(story: Story) -> None:
    tenants = [await paid(story, f"Bengkel {number}") for number in range(10)]
    await story.until(GRACE_END + timedelta(days=1))
    assert set(await statuses(tenants)) == {"suspended"}


async def test_a_dry_run_lists_what_the_run_then_does(story: Story) -> None:
    await paid(story, "Bengkel Jaya")
    await story.until(date(2026, 2, 20))
    app, runtime = await app_of(story), story.service.runtime
    before = await story.heard_types()
    planned = await plan_billing(runtime, app, date(2026, 2, 21))
    assert [(step.step, step.customer, step.amount) for step in planned.steps] == [
        ("issue", "Bengkel Jaya", 99_000)
    ]
    assert await story.heard_types() == before
    await story.days_pass()
    assert (await plan_billing(runtime, app)).steps == []
    assert [step.step for step in (await plan_billing(runtime, app, date(2026, 3, 1))).steps] == [
        "grace"
    ]
    await story.until(GRACE_END)
    planned = await plan_billing(runtime, app, date(2026, 3, 8))
    assert [step.step for step in planned.steps] == ["suspend"]


async def test_each_run_leaves_a_record_of_its_counts(story: Story) -> None:
    await paid(story)
    story.clock.advance(timedelta(days=22))
    made = await run(story)
    assert (made.counts.issued, made.counts.failed) == (1, 0)
    assert made.finished_at is not None
    again = await run(story)
    assert again.counts.issued == 0


BREAK = command(
    update(subscriptions).where(subscriptions.c.id == param("key")).values(anchor_day=None)
)
MEND = command(
    update(subscriptions).where(subscriptions.c.id == param("key")).values(anchor_day=31)
)


async def test_one_that_cannot_be_billed_stops_nobody_else(story: Story) -> None:
    tenants = [await paid(story, f"Bengkel {number}") for number in range(30)]
    db = story.service.runtime.db
    await db.write(lambda tx: tx.run(BREAK, key=tenants[13].id))
    story.clock.advance(timedelta(days=22))
    made = await run(story)
    assert (made.counts.issued, made.counts.failed) == (29, 1)
    assert await story.alerts() == ["billing_failed"]
    await db.write(lambda tx: tx.run(MEND, key=tenants[13].id))
    assert (await run(story)).counts.issued == 1
