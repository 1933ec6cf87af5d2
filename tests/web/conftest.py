"""A running service on each kind of database, with an app whose gateway is inside the process."""

from collections.abc import AsyncIterator

import pytest

from payment_service.actions.register_app import Registration
from tests.clocks import HandClock
from tests.invariants import check_invariants
from tests.service import Service, running_service
from tests.story import App, owner_of, register


@pytest.fixture
async def service(database_url: str, clock: HandClock) -> AsyncIterator[Service]:
    async with running_service(database_url, clock) as service:
        yield service
    check_invariants(database_url)


@pytest.fixture
async def app(service: Service) -> App:
    return await register(service, Registration(name="BukuBengkel", mode="test"))


@pytest.fixture
async def owner(service: Service, app: App) -> App:
    """The app, asking with a key that may do what owners do."""
    return await owner_of(service, app)


@pytest.fixture
async def other(service: Service) -> App:
    """Another app of the same owner."""
    return await register(service, Registration(name="Kasir Pintar", mode="test"))
