"""The page is read in the language its reader asked for, whole."""

import re
from collections import Counter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from payment_service.kit.money import Language
from payment_service.web.pages.languages import LOCALE, catalogs, language_of

TEMPLATES = LOCALE.parent / "templates"


@pytest.mark.parametrize(
    ("asked", "chosen", "language"),
    [
        (None, None, "id"),
        ("", None, "id"),
        ("id-ID,id;q=0.9,en;q=0.8", None, "id"),
        ("in-ID", None, "id"),
        ("en-US,en;q=0.9,id;q=0.8", None, "en"),
        ("en;q=0.5,id;q=0.6", None, "id"),
        ("en;q=0", None, "id"),
        ("jv,su;q=0.9", None, "id"),
        ("fr,en;q=0.3", None, "en"),
        ("*;q=;,,;en;q=x", None, "id"),
        ("en", "id", "id"),
        ("id", "en", "en"),
        ("id", "fr", "id"),
    ],
)
def test_the_language_chosen_or_else_asked_for(
    asked: str | None, chosen: str | None, language: Language
) -> None:
    assert language_of(asked, chosen) == language


Text = tuple[str | None, str | tuple[str, ...]]
"""What one of several meanings is about, or None, and the words."""


def asked_of_translators() -> set[Text]:
    found = extract_from_dir(
        TEMPLATES,
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"trimmed": "true", "newstyle_gettext": "true"}},
    )
    return {(context, message) for _, _, message, _, context in found}


def translations() -> list[Message]:
    """Of all parts."""
    found: list[Message] = []
    for path in catalogs("en"):
        with path.open("rb") as source:
            found += [message for message in read_po(source, locale="en") if message.id]
    return found


def test_every_text_is_translated_once_and_no_translation_is_left_over() -> None:
    translated = Counter((message.context, message.id) for message in translations())
    assert [text for text, times in translated.items() if times > 1] == []
    assert set(translated) == asked_of_translators()


def test_every_translation_is_complete_and_keeps_its_names_and_tags() -> None:
    for message in translations():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        for original, words in zip(originals, _forms(message.string), strict=True):
            assert words
            assert not message.fuzzy
            assert _marks(words) == _marks(str(original))


def _forms(string: object) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (str(string),)


def _marks(words: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]|</?\w+>", words))
