"""Any owner's colour is safe."""

import pytest

from payment_service.web.pages.brand import INK, NILA, WHITE, app_color, ink_on


@pytest.mark.parametrize("color", ["", "red", "#fff", '#27439b"/><script>', "#27439b\n", "27439b"])
def test_what_is_no_colour_becomes_the_house_colour(color: str) -> None:
    assert app_color(color) == NILA


@pytest.mark.parametrize(
    ("color", "ink"), [(NILA, WHITE), ("#FFE066", INK), ("#000000", WHITE), ("#ffffff", INK)]
)
def test_the_letters_stand_out_on_any_colour(color: str, ink: str) -> None:
    assert ink_on(color) == ink
