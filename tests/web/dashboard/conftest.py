"""A running service on each kind of database, whose passwords are hashed quickly; an owner."""

from collections.abc import AsyncIterator

import pytest

from tests.clocks import HandClock
from tests.invariants import check_invariants
from tests.service import Service, running_service
from tests.web.dashboard.people import Browser, Person, person, quick_passwords


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
