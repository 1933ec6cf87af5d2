"""A shop with one tenant, told as a story, and an owner at its dashboard."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.story import Story, Tenant
from tests.web.dashboard.people import Browser, Person, person, quick_passwords


class Shop(NamedTuple):
    story: Story
    owner: Person

    async def tenant(self, name: str = "Bengkel Jaya Motor", plan: str = "bulanan") -> Tenant:
        return await self.story.subscribe(name, plan)

    async def doubtful(self, tenant: Tenant, amount: int) -> str:
        """The gateway books another sum than the code asked for; the payment's id."""
        code = await tenant.asks_for_code()
        await self.story.the_gateway_books(code.order_id, amount)
        await tenant.pays(code)
        answer = await tenant.app.asks("GET", "/v1/payments?outcome=needs_review")
        return str(answer.json["data"][0]["id"])


@pytest.fixture
async def shop(database_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Shop]:
    passwords = quick_passwords()
    async with told_story(database_url, clock, tmp_path, passwords=passwords) as story:
        yield Shop(story, await person(story.service, clock, "owner", "Bagus"))


def open_invoice(tenant: Tenant) -> str:
    return str(tenant.first_answer["open_invoice"]["id"])


@pytest.fixture
def browser_of_nobody(shop: Shop) -> Browser:
    return Browser(shop.story.service)
