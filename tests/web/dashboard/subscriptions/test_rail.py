"""The rail on a subscription's page: it never says other than the sentence above it."""

import re
from datetime import date

from tests.scenarios.renewals import comes_due, pays_old, starts
from tests.story import Story, Tenant
from tests.web.dashboard.people import Page, Person
from tests.web.dashboard.subscriptions.desk import address, does

MARCH = date(2026, 3, 16)


def rail_says(page: Page) -> str:
    label = re.search(r'<svg[^>]*role="img" aria-label="([^"]+)"', page.html)
    assert label
    return " ".join(label[1].replace("\N{NO-BREAK SPACE}", " ").split())


def dot(page: Page) -> float:
    """Where today is, in percent of the bar."""
    found = re.search(r'<circle cx="([\d.]+)%"', page.html)
    assert found
    return float(found[1])


async def test_what_is_paid_ahead_does_not_begin_before_it_does(story: Story, sari: Person) -> None:
    await story.it_becomes(date(2026, 2, 28))
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await _pays_twice(story, tenant)
    await story.it_becomes(MARCH)
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "extend", "?days=10")
    await does(sari, tenant, "invoice")
    page = await sari.browser.sees(address(tenant))
    assert "Akses terbuka, dibayar sampai 7 Mei" in page.text
    assert rail_says(page) == (
        "Hari ini 16 Maret 2026. Mulai 28 Februari 2026. Dibayar sampai 7 Mei 2026. "
        "Tenggang sampai 14 Mei 2026."
    )
    assert 5 < dot(page) < 50


async def test_the_day_of_the_first_payment_is_the_first_day(story: Story, sari: Person) -> None:
    tenant = await starts(story, on=MARCH)
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant))
    assert "Mulai 16 Maret 2026. Dibayar sampai 16 April 2026." in rail_says(page)
    await story.it_becomes(date(2026, 3, 18))
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant))
    assert "Mulai 16 Maret 2026." in rail_says(page)


async def test_who_is_suspended_on_the_first_day_has_no_access_after_it(
    story: Story, sari: Person
) -> None:
    tenant = await starts(story, on=MARCH)
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "suspend")
    page = await sari.browser.sees(address(tenant))
    assert "Akses ditutup oleh admin sejak 16 Maret" in page.text
    assert rail_says(page) == (
        "Hari ini 16 Maret 2026. Mulai 16 Maret 2026. Akses sampai 16 Maret 2026."
    )
    assert dot(page) > 66


async def test_what_is_paid_under_a_suspension_opens_nothing(story: Story, sari: Person) -> None:
    tenant = await starts(story, on=date(2026, 2, 16))
    await story.it_becomes(date(2026, 3, 9))
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "suspend")
    await tenant.pays(await tenant.asks_for_code())
    await story.it_becomes(date(2026, 3, 30))
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant))
    assert rail_says(page) == (
        "Hari ini 30 Maret 2026. Mulai 16 Februari 2026. Akses sampai 8 Maret 2026."
    )


async def test_who_is_canceled_under_a_suspension_had_access_until_it(
    story: Story, sari: Person
) -> None:
    tenant = await starts(story, on=date(2026, 2, 16))
    await story.it_becomes(date(2026, 2, 20))
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "suspend")
    await story.it_becomes(date(2026, 3, 2))
    await sari.signs_in(sari.browser, story.clock)
    await does(sari, tenant, "cancel", "?at=now")
    page = await sari.browser.sees(address(tenant))
    assert "Berakhir hari ini" in page.text or "Berakhir 2 Maret" in page.text
    assert "Akses sampai 19 Februari 2026." in rail_says(page)


async def test_who_never_paid_again_had_grace_and_no_more(story: Story, sari: Person) -> None:
    tenant = await starts(story, on=date(2026, 1, 1))
    await story.until(date(2026, 4, 20))
    assert await tenant.status() == "canceled"
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant))
    assert rail_says(page) == (
        "Hari ini 20 April 2026. Mulai 1 Januari 2026. Dibayar sampai 1 Februari 2026. "
        "Tenggang sampai 8 Februari 2026."
    )


async def test_who_comes_back_begins_on_the_day_of_the_payment(story: Story, sari: Person) -> None:
    tenant = await starts(story, on=date(2026, 1, 1))
    await comes_due(story, tenant)
    await story.until(date(2026, 2, 20))
    assert await tenant.status() == "suspended"
    await tenant.pays(await tenant.asks_for_code())
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant))
    assert "Mulai 20 Februari 2026. Dibayar sampai 20 Maret 2026." in rail_says(page)


async def test_a_trial_that_is_paid_ahead_began_with_the_trial(story: Story, sari: Person) -> None:
    tenant = await starts(story, on=date(2026, 2, 20), plan="coba")
    await story.until(date(2026, 3, 1))
    await tenant.pays(await tenant.asks_for_code())
    await sari.signs_in(sari.browser, story.clock)
    page = await sari.browser.sees(address(tenant))
    assert "Mulai 20 Februari 2026. Dibayar sampai 6 April 2026." in rail_says(page)
    assert dot(page) < 40


async def _pays_twice(story: Story, tenant: Tenant) -> None:
    """Each by a code of its own: the second is credit."""
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    await tenant.pays(await tenant.asks_for_code())
    await pays_old(story, tenant, first)
