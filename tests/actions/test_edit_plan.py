"""Editing and archiving a plan: what may change, and that a refusal changes nothing."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from payment_service.actions.archive_plan import archive_plan
from payment_service.actions.edit_plan import PlanChange, edit_plan
from payment_service.actions.register_app import Registration
from payment_service.kit.errors import Conflict, Invalid, NotFound
from payment_service.model.plan import PLAN_BY_CODE, Plan
from tests.actions.standing import NOW
from tests.clocks import HandClock
from tests.service import running_service
from tests.story import App, register


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    async with running_service(database_url, HandClock(NOW)) as service:
        yield await register(service, Registration(name="BukuBengkel", mode="test"))


async def plan_of(app: App, code: str) -> Plan:
    found = await app.service.runtime.db.read(
        lambda tx: tx.one(PLAN_BY_CODE, app_id=app.id, code=code)
    )
    assert found is not None
    return found


async def edited(app: App, code: str, **change: Any) -> Plan:
    plan = await plan_of(app, code)
    return await app.service.runtime.db.write(edit_plan, app.id, plan.id, PlanChange(**change))


async def test_what_is_not_named_stays(app: App) -> None:
    before = await plan_of(app, "hemat")
    after = await edited(app, "hemat", name="  Hemat sekali ", grace_days=3)
    assert (after.name, after.grace_days) == ("Hemat sekali", 3)
    assert after == msgspec.structs.replace(
        before, name="Hemat sekali", grace_days=3, version=after.version
    )
    assert await plan_of(app, "hemat") == after
    assert (await edited(app, "hemat", grace_days=None)).grace_days is None


async def test_every_part_can_change(app: App) -> None:
    change = {
        "price": 119_000,
        "late_payment": "payment_day",
        "prices_ahead": {"6": 600_000},
        "features": {"kasir": 2},
        "metadata": {"urutan": 1},
    }
    after = await edited(app, "hemat", **change)
    assert {name: getattr(after, name) for name in change} == change


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a name of spaces": ("bulanan", {"name": "  "}, "name_length"),
    "less than QRIS takes": ("bulanan", {"price": 499}, "price_below_limit"),
    "more than QRIS takes": ("bulanan", {"price": 10_000_001}, "price_above_limit"),
    "a negative price": ("bulanan", {"price": -1}, "price_below_limit"),
    "a grace of -1 days": ("bulanan", {"grace_days": -1}, "plan_grace_days"),
    "a rule that is none": ("bulanan", {"late_payment": "never"}, "plan_late_payment"),
    "two periods": ("bulanan", {"prices_ahead": {"2": 190_000}}, "price_ahead"),
    "a word for a number": ("bulanan", {"prices_ahead": {"tiga": 190_000}}, "price_ahead"),
    "twelve years": ("tahunan", {"prices_ahead": {"12": 9_900_000}}, "price_ahead"),
    "three for one": ("bulanan", {"prices_ahead": {"3": 99_000}}, "price_ahead"),
    "too much at once": ("bulanan", {"prices_ahead": {"12": 10_000_001}}, "price_ahead"),
    "several of nothing": ("gratis", {"prices_ahead": {"12": 990_000}}, "price_ahead"),
    "dearer than its year": ("hemat", {"price": 990_000}, "price_ahead"),
    "features of 5 KiB": ("bulanan", {"features": {"teks": "x" * 5000}}, "features_too_large"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_cannot_be_is_refused_and_changes_nothing(app: App, name: str) -> None:
    code, change, refusal = WRONG[name]
    before = await plan_of(app, code)
    with pytest.raises(Invalid) as caught:
        await edited(app, code, **change)
    assert caught.value.code == refusal
    assert await plan_of(app, code) == before


@pytest.mark.parametrize(("code", "price"), [("bulanan", 0), ("gratis", 50_000)])
async def test_free_and_priced_plans_do_not_become_each_other(
    app: App, code: str, price: int
) -> None:
    with pytest.raises(Conflict) as caught:
        await edited(app, code, price=price)
    assert caught.value.code == "plan_free_or_not"
    assert (await plan_of(app, code)).price != price


async def test_another_apps_plan_is_not_there(app: App) -> None:
    other = await register(app.service, Registration(name="Lain", mode="test"))
    plan = await plan_of(app, "bulanan")
    write = app.service.runtime.db.write
    with pytest.raises(NotFound):
        await write(edit_plan, other.id, plan.id, PlanChange(price=1_000))
    with pytest.raises(NotFound):
        await write(archive_plan, other.id, plan.id, NOW)
    assert await plan_of(app, "bulanan") == plan


async def test_archiving_twice_is_archiving_once(app: App) -> None:
    plan = await plan_of(app, "bulanan")
    write = app.service.runtime.db.write
    archived = await write(archive_plan, app.id, plan.id, NOW)
    assert archived.archived_at == NOW
    assert await write(archive_plan, app.id, plan.id, NOW.replace(year=2027)) == archived
    assert (await write(archive_plan, app.id, plan.id, NOW, is_sold=True)).archived_at is None
