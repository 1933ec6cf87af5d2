"""Every deed of the dashboard's table is pressed in some story."""

import inspect
from importlib import import_module
from pathlib import Path

from tests.browser.presses import POSTS


def test_every_deed_of_the_table_is_pressed_in_a_browser() -> None:
    """Told at the story, which fails where it does not do what it tells."""
    told: set[str] = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        module = import_module(f"tests.browser.{file.stem}")
        for _, story in inspect.getmembers(module, inspect.isfunction):
            marks = list(getattr(story, "pytestmark", ()))
            cases = [case for mark in marks if mark.name == "parametrize" for case in mark.args[1]]
            marks += [mark for case in cases for mark in getattr(case, "marks", ())]
            told.update(path for mark in marks if mark.name == "presses" for path in mark.args)
    assert sorted(set(POSTS) - told) == []
    assert sorted(told - set(POSTS)) == []
