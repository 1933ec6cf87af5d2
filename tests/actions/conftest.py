"""A runtime whose webhooks may go to the ears of the test."""

from collections.abc import AsyncIterator

import pytest

from payment_service.runtime import Runtime
from tests.actions.ears import Ears
from tests.clocks import HandClock
from tests.service import running_service


@pytest.fixture
async def ears() -> AsyncIterator[Ears]:
    async with Ears().open() as ears:
        yield ears


@pytest.fixture
async def runtime(database_url: str, clock: HandClock, ears: Ears) -> AsyncIterator[Runtime]:
    targets = (f"127.0.0.1:{ears.port}",)
    async with running_service(database_url, clock, targets=targets) as service:
        yield service.runtime
