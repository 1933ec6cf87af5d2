"""The two languages of the pages: Indonesian, in which they are written, and English."""

from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from payment_service.kit.money import Language

LOCALE = Path(__file__).parent.parent / "locale"
DEFAULT: Language = "id"
SPOKEN: dict[str, Language] = {"id": "id", "in": "id", "en": "en"}
"""Old Android phones still call Indonesian `in`."""


def language_of(accept_language: str | None, chosen: str | None = None) -> Language:
    """The language chosen on the page, else the first spoken one the browser asks for."""
    if chosen in ("id", "en"):
        return SPOKEN[chosen]
    best = max(_wishes(accept_language or ""), key=lambda wish: wish[0], default=None)
    return best[1] if best else DEFAULT


@cache
def translations(language: Language) -> NullTranslations:
    """The words of a language, compiled in memory from its .po files, one for each part."""
    if language == DEFAULT:
        return NullTranslations()
    words = Catalog(language)
    for path in catalogs(language):
        with path.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id:
                    words[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return Translations(compiled)


def catalogs(language: Language) -> list[Path]:
    """A text that two parts share is in one of them."""
    return sorted((LOCALE / language / "LC_MESSAGES").glob("*.po"))


def _wishes(header: str) -> Iterator[tuple[float, Language]]:
    """Weight and language of each spoken one; what cannot be read is passed over."""
    for part in header[:1000].split(","):
        tag, _, parameter = part.strip().partition(";")
        language = SPOKEN.get(tag.strip().lower().partition("-")[0])
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if language and weight > 0:
            yield weight, language
