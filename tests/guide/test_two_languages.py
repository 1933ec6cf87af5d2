"""The guide in Indonesian is the guide in English: the same parts, the same code."""

import re

from tests.guide.pages import GUIDE, Page

IN_INDONESIAN = Page("integration.id.md")
PICTURES = {"flow.en.svg": GUIDE, "flow.id.svg": IN_INDONESIAN}


def test_both_have_the_same_headings_in_number_and_depth() -> None:
    levels = [[level for level, _ in page.headings] for page in (GUIDE, IN_INDONESIAN)]
    assert levels[0] == levels[1]


def test_both_show_the_same_code() -> None:
    assert IN_INDONESIAN.blocks == GUIDE.blocks
    for page in (GUIDE, IN_INDONESIAN):
        assert len(page.indented) == 1
    assert IN_INDONESIAN.indented == GUIDE.indented


def test_both_name_the_same_calls_and_commands() -> None:
    named = [sorted(set(re.findall(r"`([^`]+)`", page.prose))) for page in (GUIDE, IN_INDONESIAN)]
    assert named[0] == named[1]


def test_each_leads_to_the_other_at_its_top_and_has_its_own_picture() -> None:
    for page, other in ((GUIDE, "integration.id.md"), (IN_INDONESIAN, "integration.md")):
        assert f"]({other})" in "".join(page.text.splitlines(keepends=True)[:4])
    for name, page in PICTURES.items():
        assert name in page.text
