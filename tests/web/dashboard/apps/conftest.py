"""A shop that sells through a gateway, and its owner at the dashboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clocks import HandClock
from tests.scenarios.conftest import told_story
from tests.story import App, Story
from tests.web.dashboard.people import Person, person, quick_passwords


@pytest.fixture
async def story(database_url: str, clock: HandClock, tmp_path: Path) -> AsyncIterator[Story]:
    passwords = quick_passwords()
    async with told_story(database_url, clock, tmp_path, passwords=passwords) as story:
        yield story


@pytest.fixture
async def owner(story: Story, clock: HandClock) -> Person:
    return await person(story.service, clock, "owner")


@pytest.fixture
async def shop(story: Story) -> App:
    """Its gateway, its endpoint and its first key are set up."""
    return await story.app()
