"""Ids sort by the time they were made and are never the same."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.ids import ALPHABET, base32, first_id, new_id, new_token

NOW = datetime(2026, 1, 31, 3, 0, 0, 123_000, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis takes the zone apart
def test_a_later_id_sorts_after_an_earlier_one(instant: datetime) -> None:
    ids = [new_id("inv", instant + timedelta(milliseconds=2 * step)) for step in range(5)]
    assert all(earlier < later for earlier, later in pairwise(ids))


def test_an_id_is_its_prefix_and_26_plain_characters() -> None:
    prefix, _, rest = new_id("sub", NOW).partition("_")
    assert prefix == "sub"
    assert len(rest) == 26
    assert set(rest) <= set(ALPHABET)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis takes the zone apart
def test_the_first_id_of_a_second_parts_what_was_made_before_from_the_rest(
    instant: datetime,
) -> None:
    second = instant.replace(microsecond=0)
    first = first_id("chg", second)
    assert new_id("chg", second - timedelta(microseconds=1)) < first < new_id("chg", second)
    assert len(first) == len(new_id("chg", second))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis takes the zone apart
def test_the_first_id_of_an_instant_is_no_greater_than_any_made_then(instant: datetime) -> None:
    assert first_id("chg", instant) < new_id("chg", instant)


def test_the_alphabet_sorts_as_it_counts_and_has_no_look_alikes() -> None:
    assert list(ALPHABET) == sorted(set(ALPHABET))
    assert len(ALPHABET) == 32
    assert not set(ALPHABET) & set("ilou")


def test_ids_and_tokens_of_one_instant_differ() -> None:
    assert len({new_id("evt", NOW) for _ in range(10_000)}) == 10_000
    assert len({new_token() for _ in range(10_000)}) == 10_000


def test_a_token_is_26_characters_and_uses_them_all() -> None:
    tokens = [new_token() for _ in range(1_000)]
    assert {len(token) for token in tokens} == {26}
    for place in range(26):
        assert len({token[place] for token in tokens}) > 24


@given(st.integers(0, 2**130 - 1))
def test_base_32_loses_nothing(number: int) -> None:
    total = 0
    for character in base32(number, 26):
        total = total * 32 + ALPHABET.index(character)
    assert total == number
