"""Rupiah as people write it."""

import pytest

from payment_service.kit.money import rupiah


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "Rp0"),
        (1, "Rp1"),
        (999, "Rp999"),
        (1_000, "Rp1.000"),
        (99_000, "Rp99.000"),
        (1_234_567_890, "Rp1.234.567.890"),
        (-50_000, "−Rp50.000"),
    ],
)
def test_rupiah_are_grouped_by_dots(amount: int, written: str) -> None:
    assert rupiah(amount) == written
