"""An app with a few tenants, who are told day by day, and people at the dashboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.story import Story
from tests.web.dashboard.people import Person, person, quick_passwords


@pytest.fixture
async def story(database_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Story]:
    passwords = quick_passwords()
    async with told_story(database_url, clock, tmp_path, passwords=passwords) as told:
        await told.app()
        yield told


@pytest.fixture
async def sari(story: Story, clock: HandClock) -> Person:
    """Of finance, who has just proven who she is."""
    return await person(story.service, clock, "finance", "Sari")
