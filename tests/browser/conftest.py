"""A browser and a stage for all tests here."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import presses
from tests.browser.person import Person
from tests.browser.stage import Stage, stage
from tests.browsers import chromium

# A live list looks once a second, and others may be busy on this machine.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium("the whole route") as started:
        yield started


@pytest.fixture(scope="package")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("parties")) as built:
        yield built


@pytest.fixture
def come(browser: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people; nothing that their pages did was wrong in the end."""
    people: list[Person] = []

    def make(*about: Any, **options: Any) -> Person:
        people.append(Person(browser, *about, **options))
        return people[-1]

    yield make
    for person in people:
        person.leave()


@pytest.fixture(autouse=True)
def proven(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a story tells that it presses, it has pressed when it ends."""
    presses.done.clear()
    yield
    told = request.node.get_closest_marker("presses")
    assert told is None or set(told.args) <= presses.done, set(told.args) - presses.done
