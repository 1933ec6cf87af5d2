"""A running service on each kind of database, whose passwords are hashed quickly; an owner."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.busy import Busy, busy
from tests.clocks import HandClock
from tests.invariants import check_invariants
from tests.scenarios.conftest import told_story
from tests.service import Service, running_service
from tests.story import Story
from tests.web.dashboard.people import Browser, Person, person, quick_passwords


class BusyPlace(NamedTuple):
    """An installation that is in use, with its owner at the dashboard."""

    story: Story
    busy: Busy
    owner: Person

    @property
    def ids(self) -> dict[str, str]:
        """One thing for each noun of the addresses."""
        return {**self.busy.ids, "admins": self.owner.id}


@pytest.fixture
async def service(database_url: str, clock: HandClock) -> AsyncIterator[Service]:
    async with running_service(database_url, clock, passwords=quick_passwords()) as service:
        yield service
    check_invariants(database_url)


@pytest.fixture
async def owner(service: Service, clock: HandClock) -> Person:
    return await person(service, clock, "owner")


@pytest.fixture
def browser(service: Service) -> Browser:
    """Of somebody whom nobody knows yet."""
    return Browser(service)


@pytest.fixture
async def place(database_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[BusyPlace]:
    passwords = quick_passwords()
    async with told_story(database_url, clock, tmp_path, passwords=passwords) as story:
        filled = await busy(story)
        yield BusyPlace(story, filled, await person(story.service, clock, "owner"))
