"""Rupiah as people write it."""

import pytest

from payment_service.kit.money import rupiah


@pytest.mark.parametrize(
    ("amount", "indonesian", "english"),
    [
        (0, "Rp0", "Rp0"),
        (1, "Rp1", "Rp1"),
        (999, "Rp999", "Rp999"),
        (1_000, "Rp1.000", "Rp1,000"),
        (99_000, "Rp99.000", "Rp99,000"),
        (1_234_567_890, "Rp1.234.567.890", "Rp1,234,567,890"),
        (-50_000, "−Rp50.000", "−Rp50,000"),
    ],
)
def test_rupiah_are_grouped_as_the_language_does(
    amount: int, indonesian: str, english: str
) -> None:
    assert rupiah(amount) == indonesian
    assert rupiah(amount, "en") == english
