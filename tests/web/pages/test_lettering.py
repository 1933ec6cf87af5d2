"""Names in any script on a PDF: nothing stands as a question mark."""

import pytest

from payment_service.web.pages.directions import Stretch, in_sight
from payment_service.web.pages.fonts import in_fonts
from payment_service.web.pages.lettering import is_whole, width_of


@pytest.mark.parametrize(
    "name",
    ["Bengkel Łódź", "Мастерская", "Εργαστήριο", "ورشة محمد", "אופניים", "自転車修理店", "修车铺",
     "서울 자전거", "ช่างซ่อม", "🔧 Bengkel 👨‍👩‍👧 ❤️", "Nguyễn Thị Ánh"],
)  # fmt: skip
def test_every_letter_of_a_name_has_an_outline(name: str) -> None:
    assert is_whole(name)
    for words, font in in_fonts(name, bold=True):
        assert all(font.get_nominal_glyph(ord(letter)) for letter in words if letter.isalpha()), (
            words
        )
    assert width_of(name, "Helvetica", 10) > 20


def test_a_letter_that_no_font_has_is_left_out() -> None:
    assert not is_whole("Warung ꦄꦏ꧀ꦱꦫ")
    assert "".join(words for words, _ in in_fonts("Warung ꦄꦏ꧀ꦱꦫ!", bold=False)) == "Warung !"


def test_arabic_runs_to_the_left_and_the_numbers_in_it_to_the_right() -> None:
    assert in_sight("PT ورشة 12.5 النور Tbk") == [
        Stretch("PT ", is_leftwards=False),
        Stretch(" النور", is_leftwards=True),
        Stretch("12.5", is_leftwards=False),
        Stretch("ورشة ", is_leftwards=True),
        Stretch(" Tbk", is_leftwards=False),
    ]
    assert in_sight("Toko 12.5") == [Stretch("Toko 12.5", is_leftwards=False)]


def test_a_bold_name_is_wider_than_a_plain_one() -> None:
    assert width_of("Мастерская", "Helvetica-Bold", 10) > width_of("Мастерская", "Helvetica", 10)
