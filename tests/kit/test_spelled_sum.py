"""Sums are spelled out as people say them, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.spelled_sum import spelled_sum

SAID = [
    (0, "nol", "zero"),
    (1, "satu", "one"),
    (10, "sepuluh", "ten"),
    (11, "sebelas", "eleven"),
    (12, "dua belas", "twelve"),
    (19, "sembilan belas", "nineteen"),
    (21, "dua puluh satu", "twenty-one"),
    (100, "seratus", "one hundred"),
    (115, "seratus lima belas", "one hundred fifteen"),
    (1_000, "seribu", "one thousand"),
    (1_111, "seribu seratus sebelas", "one thousand one hundred eleven"),
    (11_000, "sebelas ribu", "eleven thousand"),
    (99_000, "sembilan puluh sembilan ribu", "ninety-nine thousand"),
    (101_000, "seratus satu ribu", "one hundred one thousand"),
    (1_000_000, "satu juta", "one million"),
    (1_001_000, "satu juta seribu", "one million one thousand"),
    (
        7_920_500,
        "tujuh juta sembilan ratus dua puluh ribu lima ratus",
        "seven million nine hundred twenty thousand five hundred",
    ),
    (10**12, "satu triliun", "one trillion"),
]


@pytest.mark.parametrize(("amount", "indonesian", "english"), SAID)
def test_a_sum_is_said_like_this(amount: int, indonesian: str, english: str) -> None:
    assert spelled_sum(amount, "id") == f"{indonesian} rupiah"
    assert spelled_sum(amount, "en") == f"{english} rupiah"


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_no_two_sums_are_said_alike(one: int, other: int) -> None:
    for language in ("id", "en"):
        same = spelled_sum(one, language) == spelled_sum(other, language)
        assert same is (one == other)


@pytest.mark.parametrize("amount", [-1, 10**15])
def test_what_is_owed_to_nobody_is_not_said(amount: int) -> None:
    with pytest.raises(ValueError, match="not spelled out"):
        spelled_sum(amount, "id")
