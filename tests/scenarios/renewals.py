"""How tenants renew in stories that go from one day that matters to the next."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.story import Code, Story, Tenant

DAY = timedelta(days=1)
LEAD = 7 * DAY
"""So long before its due day a renewal is issued."""


def at(text: str) -> datetime:
    """An instant of UTC: `2026-02-10 16:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def starts(
    story: Story, *, on: date | None = None, name: str = "Bengkel Jaya", plan: str = "bulanan"
) -> Tenant:
    """Subscribes and pays, on that day at ten."""
    if on is not None:
        await story.it_becomes(on)
    tenant = await story.subscribe(name, plan)
    if tenant.first_answer["status"] == "pending":
        await tenant.pays(await tenant.asks_for_code())
    return tenant


async def last_day(tenant: Tenant) -> date:
    """The last that is paid."""
    return date.fromisoformat((await tenant.subscription())["paid_through"])


async def comes_due(story: Story, tenant: Tenant, days: int = 0) -> None:
    """The renewal is issued in its time; then it is so many days after the last paid day."""
    through = await last_day(tenant)
    if story.today < through - LEAD:
        await story.it_becomes(through - LEAD)
    if days > 0:
        await story.it_becomes(through + DAY)
    if story.today < through + days * DAY:
        await story.it_becomes(through + days * DAY)


async def renews(story: Story, tenant: Tenant, days: int = 0) -> date:
    """Pays so many days after the last paid day; gives the next one."""
    await comes_due(story, tenant, days)
    await tenant.pays(await tenant.asks_for_code())
    return await last_day(tenant)


async def pays_old(story: Story, tenant: Tenant, code: Code) -> None:
    """By a code that has run out on the page, and that the gateway still takes within its day."""
    await story.seconds_pass(4)
    await story.notice_comes(await tenant.pays_without_notice(code))


async def state(tenant: Tenant, *fields: str) -> tuple[Any, ...]:
    """As the API tells it."""
    now = await tenant.subscription()
    return tuple(now[field] for field in fields)


async def invoices(tenant: Tenant) -> list[dict[str, Any]]:
    """All of the customer's, the oldest first."""
    reference = tenant.first_answer["customer"]["reference"]
    answer = await tenant.app.asks("GET", f"/v1/invoices?customer={reference}&limit=100")
    found: list[dict[str, Any]] = answer.json["data"]
    return sorted(found, key=lambda one: str(one["number"]))
