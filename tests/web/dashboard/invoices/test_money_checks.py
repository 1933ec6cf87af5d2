"""A money check is begun on its page, runs beside it, and its result is told there."""

import asyncio
from datetime import timedelta

from tests.clocks import HandClock
from tests.service import running_service
from tests.web.dashboard.invoices.conftest import Shop
from tests.web.dashboard.people import person, quick_passwords

HERE = "/dashboard/money"


async def test_what_the_gateway_has_and_we_have_not_is_found_and_booked(shop: Shop) -> None:
    tenant = await shop.tenant()
    today = shop.story.today.isoformat()
    code = await tenant.asks_for_code()
    await tenant.pays_without_notice(code)
    shop.story.clock.advance(timedelta(seconds=5))
    page = await shop.owner.browser.sees(HERE)
    assert "Belum pernah" in page.text
    fields = {"app": tenant.app.id, "first": today, "last": today}
    shop.story.pakasir.hold("transaction-status")
    done = await shop.owner.browser.sends(f"{HERE}/check", **fields)
    await shop.story.pakasir.holds(1)
    page = await shop.owner.browser.follows(done)
    assert "Pemeriksaan uang BukuBengkel berjalan." in page.text
    assert "data-waits" in page.html
    assert '<noscript><meta http-equiv="refresh"' in page.html
    running = shop.story.service.web.state.money_checks
    await shop.story.pakasir.let_go()
    await running.finish()
    page = await shop.owner.browser.sees(HERE)
    assert "1 berbeda" in page.text
    assert "Dibayar di penyedia, belum tercatat di sini" in page.text
    await shop.story.seconds_pass(5)
    assert await tenant.status() == "active"
    shop.story.clock.advance(timedelta(seconds=5))
    await shop.owner.browser.sends(f"{HERE}/check", **fields)
    await running.finish()
    page = await shop.owner.browser.sees(HERE)
    assert "Cocok semua" in page.text
    assert "1 berbeda" in page.text[page.text.index("Sebelumnya") :]
    assert "data-waits" not in page.html
    assert 'http-equiv="refresh"' not in page.html
    assert "Memeriksa uang" in (await shop.owner.browser.sees("/dashboard/audit")).text


async def test_days_that_are_none_and_a_second_check_are_refused(
    shop: Shop, clock: HandClock
) -> None:
    tenant = await shop.tenant()
    app = tenant.app.id
    for first, last in (
        ("kemarin", ""),
        ("2026-01-02", "2026-01-01"),
        ("2099-01-01", "2099-01-02"),
        ("2020-01-01", ""),
    ):
        page = await shop.owner.browser.sends(f"{HERE}/check", app=app, first=first, last=last)
        assert page.status == 422
        assert "paling banyak 31 hari" in page.text
    assert (await shop.owner.browser.sends(f"{HERE}/check", app="app_0")).status == 404
    running = shop.story.service.web.state.money_checks
    running._tasks[app] = asyncio.create_task(asyncio.sleep(0))
    page = await shop.owner.browser.sends(f"{HERE}/check", app=app)
    del running._tasks[app]
    assert page.status == 409
    assert "Pemeriksaan aplikasi ini masih berjalan." in page.text
    viewer = await person(shop.story.service, clock, "viewer", "Dewi")
    assert (await viewer.browser.sends(f"{HERE}/check", app=app)).status == 403
    assert "Periksa sekarang" not in (await viewer.browser.sees(HERE)).text


async def test_a_check_is_seen_and_kept_apart_by_another_process_too(
    shop: Shop, database_url: str, clock: HandClock
) -> None:
    tenant, today = await shop.tenant(), shop.story.today.isoformat()
    code = await tenant.asks_for_code()
    await tenant.pays(code)
    clock.advance(timedelta(seconds=5))
    fields = {"app": tenant.app.id, "first": today, "last": today}
    shop.story.pakasir.hold("transaction-status")
    await shop.owner.browser.sends(f"{HERE}/check", **fields)
    await shop.story.pakasir.holds(1)
    async with running_service(
        database_url, clock, passwords=quick_passwords(), base_url=shop.story.service.origin
    ) as other:
        owner = await person(other, clock, "owner", "Wati")
        page = await owner.browser.sees(HERE)
        assert "Sedang berjalan" in page.text
        assert "Terhenti" not in page.text
        assert (await owner.browser.sends(f"{HERE}/check", **fields)).status == 409
        await shop.story.pakasir.let_go()
        await shop.story.service.web.state.money_checks.finish()
        page = await owner.browser.sees(HERE)
        assert "Cocok semua" in page.text
        assert "Sedang berjalan" not in page.text


async def test_a_check_that_ends_with_its_process_is_not_taken_to_be_under_way(shop: Shop) -> None:
    tenant, today = await shop.tenant(), shop.story.today.isoformat()
    await tenant.pays(await tenant.asks_for_code())
    shop.story.clock.advance(timedelta(seconds=5))
    shop.story.pakasir.hold("transaction-status")
    fields = {"app": tenant.app.id, "first": today, "last": today}
    await shop.owner.browser.sends(f"{HERE}/check", **fields)
    await shop.story.pakasir.holds(1)
    await shop.story.service.web.state.money_checks.stop()
    page = await shop.owner.browser.sees(HERE)
    assert "Terhenti" in page.text
    assert "Sedang berjalan" not in page.text
