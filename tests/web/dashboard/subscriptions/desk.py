"""What somebody does at the page of a subscription."""

import re

from payment_service.model.audit import ENTRIES_OF_SUBJECT, AuditEntry
from tests.story import Story, Tenant
from tests.web.dashboard.people import Page, Person

WHY = "tiket 118"


def address(tenant: Tenant, deed: str = "") -> str:
    return f"/dashboard/subscriptions/{tenant.id}" + (f"/{deed}" if deed else "")


async def does(who: Person, tenant: Tenant, deed: str, query: str = "", **fields: str) -> Page:
    """Opens the deed's page, fills in the reason and what else is asked, and sends it."""
    path = address(tenant, deed)
    page = await who.browser.sees(path + query)
    assert page.status == 200, page.text
    hidden = page.fields(path)
    return await who.browser.sends(path, **{**hidden, "reason": WHY, **fields})


async def marking(who: Person, tenant: Tenant) -> str:
    """Where its page leads to mark its open invoice paid."""
    page = await who.browser.sees(address(tenant))
    found = re.search(r'href="(/dashboard/invoices/\w+/mark-paid[^"]*)"', page.html)
    assert found, page.text
    return found[1]


async def marks_paid(who: Person, tenant: Tenant, reference: str) -> Page:
    query = await marking(who, tenant)
    path = query.partition("?")[0]
    hidden = (await who.browser.sees(query)).fields(path)
    return await who.browser.sends(path, **hidden, reference=reference, reason=WHY)


async def and_sees(who: Person, page: Page) -> str:
    """What the page says that the deed leads to."""
    return (await who.browser.follows(page)).text


async def log_of(story: Story, subject_id: str) -> list[AuditEntry]:
    found: list[AuditEntry] = await story.service.runtime.db.read(
        lambda tx: tx.all(ENTRIES_OF_SUBJECT, subject_id=subject_id)
    )
    return found
