"""Paying early, twice, and by an old code: no day and no rupiah is lost."""

from datetime import date, time

from tests.books.test_credit import credit_of
from tests.scenarios.renewals import comes_due, invoices, last_day, pays_old, renews, starts, state
from tests.story import Story

RENEWAL_COMES = date(2026, 2, 21)


async def test_paying_a_week_early_loses_no_day(story: Story) -> None:
    tenant = await starts(story)
    await story.it_becomes(RENEWAL_COMES)
    await tenant.pays(await tenant.asks_for_code())
    assert await state(tenant, "paid_through", "open_invoice") == ("2026-03-31", None)
    await story.it_becomes(date(2026, 3, 23))
    assert await state(tenant, "open_invoice") == (None,)
    await story.it_becomes(date(2026, 3, 24))
    (invoice,) = await state(tenant, "open_invoice")
    assert (invoice["due_on"], invoice["period_start"]) == ("2026-03-31", "2026-04-01")


async def test_a_renewal_paid_twice_pays_the_next_one_too(story: Story) -> None:
    """Two phones, two codes of one invoice; the next invoice asks nobody for anything."""
    tenant = await starts(story)
    await story.it_becomes(RENEWAL_COMES)
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    second = await tenant.asks_for_code()
    await tenant.pays(second)
    await pays_old(story, tenant, first)
    assert (await last_day(tenant), await credit_of(tenant)) == (date(2026, 3, 31), 99_000)
    await story.it_becomes(date(2026, 3, 24))
    assert await state(tenant, "paid_through", "open_invoice") == ("2026-04-30", None)
    assert await credit_of(tenant) == 0
    periods = [(one["period_start"], one["period_end"]) for one in await invoices(tenant)]
    assert periods == [
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-03-31"),
        ("2026-04-01", "2026-04-30"),
    ]
    types = await story.heard_types()
    assert (types.count("payment.credited"), types.count("subscription.renewed")) == (1, 2)


async def test_an_old_code_of_the_renewal_pays_it_in_grace(story: Story) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant, 4)
    old = await tenant.asks_for_code()
    await story.it_becomes(date(2026, 3, 5), time(9))
    newer = await tenant.asks_for_code()
    assert newer.order_id != old.order_id
    await pays_old(story, tenant, old)
    assert await state(tenant, "status", "paid_through") == ("active", "2026-03-31")
    assert (await story.heard_types()).count("subscription.renewed") == 1


async def test_the_same_money_told_on_many_days_renews_once(story: Story) -> None:
    tenant = await starts(story)
    await story.it_becomes(RENEWAL_COMES)
    notice = await tenant.pays_without_notice(await tenant.asks_for_code())
    for day in (RENEWAL_COMES, date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 24)):
        if story.today < day:
            await story.it_becomes(day)
        await story.notice_comes(notice)
    assert (await last_day(tenant), await credit_of(tenant)) == (date(2026, 3, 31), 0)


async def test_early_then_late_then_early_is_the_same_calendar(story: Story) -> None:
    tenant = await starts(story)
    ends = [await renews(story, tenant, days) for days in (-7, 7, -3, 0)]
    assert [end.isoformat() for end in ends] == [
        "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30",
    ]  # fmt: skip
