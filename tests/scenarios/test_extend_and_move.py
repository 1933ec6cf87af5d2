"""Extending by days and moving the date: the period, its anchor and its open invoice together."""

from datetime import date
from typing import Any

import pytest

from payment_service.books.draft_invoice import Terms, draft_upgrade
from payment_service.model.plan import plan_for_sale
from tests.actions.standing import Stage, on_stage
from tests.audit import audited
from tests.scenarios.test_cancel import does, owing, paying
from tests.scenarios.test_suspend_by_hand import asks
from tests.story import App, Story, Tenant

WHY = "Gangguan 20 November"


def extension(days: Any) -> dict[str, Any]:
    return {"days": days, "reason": WHY}


def move(day: Any) -> dict[str, Any]:
    return {"paid_through": day, "reason": WHY}


async def refused(admin: App, tenant: Tenant, deed: str, body: Any) -> tuple[int, str]:
    before = await tenant.subscription()
    answer = await admin.asks("POST", f"/v1/subscriptions/{tenant.id}/{deed}", body)
    assert await tenant.subscription() == before
    return answer.status, answer.json["code"]


async def test_days_shift_the_last_day_the_anchor_and_the_open_renewal(story: Story) -> None:
    tenant, code = await owing(story)
    told = await asks(await story.admin(), tenant, "extend", extension(10))
    assert (told["status"], told["paid_through"]) == ("active", "2026-03-10")
    invoice = told["open_invoice"]
    assert (invoice["id"], invoice["due_on"]) == (code.invoice_id, "2026-03-10")
    assert (invoice["period_start"], invoice["period_end"]) == ("2026-03-11", "2026-04-10")
    await tenant.pays(code)
    assert (await tenant.subscription())["paid_through"] == "2026-04-10"
    assert await audited(story, tenant.id) == [("subscription.extend", WHY)]
    types = await story.heard_types()
    assert (types.count("subscription.updated"), types.count("invoice.voided")) == (1, 0)


async def test_extended_in_grace_it_is_active_again(story: Story) -> None:
    tenant, _ = await owing(story)
    await story.until(date(2026, 3, 3))
    told = await asks(await story.admin(), tenant, "extend", extension(7))
    assert (told["status"], told["paid_through"], told["grace_until"]) == (
        "active",
        "2026-03-07",
        None,
    )
    await story.until(date(2026, 3, 8))
    assert (await tenant.subscription())["grace_until"] == "2026-03-14"


async def test_extended_after_suspension_access_is_back(story: Story) -> None:
    tenant, _ = await owing(story)
    await story.until(date(2026, 3, 8))
    assert await tenant.status() == "suspended"
    admin = await story.admin()
    assert await refused(admin, tenant, "extend", extension(7)) == (409, "extension_too_short")
    told = await asks(admin, tenant, "extend", extension(8))
    assert (told["status"], told["reason"], told["paid_through"]) == ("active", None, "2026-03-08")
    assert told["open_invoice"]["due_on"] == "2026-03-08"
    assert (await story.heard_types()).count("subscription.resumed") == 1
    await story.days_pass(1)
    assert await tenant.status() == "grace"


async def test_a_trial_that_is_extended_past_its_end_is_a_trial_again(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "coba")
    admin = await story.admin()
    await story.days_pass(16)
    assert await tenant.status() == "grace"
    told = await asks(admin, tenant, "extend", extension(14))
    assert (told["status"], told["open_invoice"]["kind"]) == ("trialing", "first")
    await tenant.pays(await tenant.asks_for_code())
    assert "subscription.activated" in await story.heard_types()


async def test_an_admins_suspension_stays_when_the_date_moves(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    await asks(admin, tenant, "suspend")
    told = await asks(admin, tenant, "move", move("2026-03-15"))
    assert (told["status"], told["reason"], told["paid_through"]) == (
        "suspended",
        "manual",
        "2026-03-15",
    )


async def test_a_reminder_that_went_out_is_not_repeated_for_the_new_date(story: Story) -> None:
    tenant, _ = await owing(story)
    await story.until(date(2026, 2, 26))
    told = [e.data for e in await story.heard() if e.type == "invoice.reminder"]
    await asks(await story.admin(), tenant, "move", move("2026-03-15"))
    await story.until(date(2026, 3, 14))
    later = [e.data for e in await story.heard() if e.type == "invoice.reminder"][len(told) :]
    offsets = [one["days_from_due"] for one in told + later]
    assert len(offsets) == len(set(offsets))
    assert later != []


async def test_a_date_can_be_moved_back_to_today_but_not_before(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    for day in ("2026-01-30", "2029-02-01", "2026-02-28"):
        assert await refused(admin, tenant, "move", move(day)) == (422, "paid_through")
    for no_day in ("2026-02-30", "besok", 20260301, None):
        assert await refused(admin, tenant, "move", move(no_day)) == (422, "invalid_request")
    for day in ("2029-01-31", "2026-02-10"):
        assert (await asks(admin, tenant, "move", move(day)))["paid_through"] == day
    await story.days_pass(4)
    assert (await tenant.subscription())["open_invoice"]["period_end"] == "2026-03-10"


async def test_a_date_is_not_moved_before_a_period_that_is_paid(story: Story) -> None:
    """March was paid early: it would be sold twice."""
    tenant, code = await owing(story)
    await tenant.pays(code)
    admin = await story.admin()
    for day in ("2026-02-25", "2026-02-28"):
        assert await refused(admin, tenant, "move", move(day)) == (409, "period_paid")
    told = await asks(admin, tenant, "move", move("2026-03-01"))
    assert told["paid_through"] == "2026-03-01"


@pytest.mark.parametrize("days", [0, -1, 367, 10**15])
async def test_days_that_are_none_or_too_many_are_refused(story: Story, days: int) -> None:
    tenant = await paying(story)
    answer = await refused(await story.admin(), tenant, "extend", extension(days))
    assert answer == (422, "extension_days")


async def test_days_are_a_whole_number(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    for days in (1.5, "7", True, None):
        assert await refused(admin, tenant, "extend", extension(days)) == (422, "invalid_request")


async def test_days_upon_days_end_somewhere(story: Story) -> None:
    tenant = await paying(story)
    admin = await story.admin()
    for _ in range(4):
        await asks(admin, tenant, "extend", extension(366))
    assert await refused(admin, tenant, "extend", extension(366)) == (422, "extension_days")


@pytest.mark.parametrize(("deed", "body"), [("extend", extension(3)), ("suspend", {"reason": WHY})])
async def test_an_open_upgrade_is_void_once_its_unused_days_are_wrong(
    story: Story, deed: str, body: dict[str, Any]
) -> None:
    tenant = await paying(story)

    def upgrade(stage: Stage) -> str:
        plan = plan_for_sale(stage.tx, stage.app.id, "tahunan")
        before = stage.contract(tenant.id).subscription
        terms = Terms(plan, plan.price, plan.months)
        return stage.issues(draft_upgrade(stage.app, before, terms, 90_000, story.clock.now()))

    invoice = await on_stage(tenant.app, upgrade)
    await asks(await story.admin(), tenant, deed, body)
    assert (await tenant.invoice(invoice))["void_reason"] == "replaced"


async def test_one_that_is_to_end_ends_later(story: Story) -> None:
    tenant = await paying(story)
    await does(tenant, "cancel")
    told = await asks(await story.admin(), tenant, "extend", extension(3))
    assert (told["cancel_at_period_end"], told["paid_through"]) == (True, "2026-03-03")
    await story.until(date(2026, 3, 4))
    assert await tenant.status() == "canceled"
