"""The fonts in which a PDF is written where the ones of every reader have not the letters: Noto,
which comes as packages. Each file is mapped, not read: what is never drawn is never in memory."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from uharfbuzz import Blob, Face, Font

FIRST, MARKS, IDEOGRAPHS = "NotoSans", ("NotoEmoji", "NotoSansSymbols"), "NotoSansCJK"
JAPANESE, KOREAN, CHINESE = 0, 1, 2
"""Places in the collection of East Asian fonts: all have all letters, each drawn as its readers
know them."""
STAYS = ("M", "Cf", "Sk")
"""Categories of what belongs to the letter before it: marks, joiners, the colour of a skin."""


def in_fonts(text: str, *, bold: bool) -> Iterator[tuple[str, Font]]:
    """Stretches of text, each with the font that has its letters. What none has is left out."""
    ideographs = _ideographs_of(text)
    stretch, at, is_lost = "", _font(FIRST, bold=bold), False
    for letter in text:
        if unicodedata.category(letter).startswith(STAYS):
            stretch += "" if is_lost else letter
            continue
        font = _font_of(letter, ideographs, bold=bold)
        if font is None:
            is_lost = True
            continue
        is_lost = False
        if font is not at and stretch:
            yield stretch, at
            stretch = ""
        stretch, at = stretch + letter, font
    if stretch:
        yield stretch, at


def has_letter(letter: str) -> bool:
    return letter.isspace() or _font_of(letter, CHINESE, bold=False) is not None


@cache
def _font_of(letter: str, ideographs: int, *, bold: bool) -> Font | None:
    return next(
        (font for font in _fonts(ideographs, bold=bold) if font.get_nominal_glyph(ord(letter))),
        None,
    )


def _ideographs_of(text: str) -> int:
    names = " ".join(unicodedata.name(letter, "") for letter in text)
    if "HIRAGANA" in names or "KATAKANA" in names:
        return JAPANESE
    return KOREAN if "HANGUL" in names else CHINESE


def _fonts(ideographs: int, *, bold: bool) -> Iterator[Font]:
    for name in _names():
        yield _font(name, bold=bold)
    yield _font(IDEOGRAPHS, ideographs, bold=bold)


@cache
def _names() -> tuple[str, ...]:
    """Letters before pictures: a digit is one, though it may be part of a picture."""
    found = sorted(
        one.name.partition("[")[0]
        for one in files("manimgx_fonts").iterdir()
        if one.name.endswith(".ttf") and "Italic" not in one.name
    )
    scripts = (name for name in found if name not in (FIRST, *MARKS))
    return (FIRST, *scripts, *MARKS)


@cache
def _font(name: str, index: int = 0, *, bold: bool) -> Font:
    font = Font(Face(_blob(name), index))
    font.set_variations({"wght": 700 if bold else 400})
    return font


@cache
def _blob(name: str) -> Blob:
    file = (
        files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc"
        if name == IDEOGRAPHS
        else files("manimgx_fonts") / f"{name}[wght].ttf"
    )
    return Blob.from_file_path(str(file))
