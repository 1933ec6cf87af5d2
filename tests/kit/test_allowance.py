"""An allowance: what may be taken at once, and how it grows back."""

from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.allowance import Allowance, Standing


def taken(
    allowance: Allowance, owner: str, now: float, *, rate: float = 50, most: int = 200
) -> int:
    """How many may be taken now, one after another."""
    count = 0
    while allowance.take(owner, now, rate=rate, most=most).is_taken:
        count += 1
    return count


def test_all_of_it_may_be_taken_at_once_and_grows_back_steadily() -> None:
    allowance = Allowance()
    assert taken(allowance, "a", 1000.0) == 200
    assert taken(allowance, "a", 1000.019) == 0
    assert taken(allowance, "a", 1000.02) == 1
    assert taken(allowance, "a", 1001.02) == 50
    assert taken(allowance, "a", 2000.0) == 200
    assert taken(allowance, "b", 1000.0) == 200


def test_it_says_how_much_is_left_and_when_there_is_more() -> None:
    allowance = Allowance()
    first = allowance.take("a", 0.0, rate=2, most=3)
    assert first == Standing(True, 2, 0.5)
    assert allowance.take("a", 0.0, rate=2, most=3) == Standing(True, 1, 1.0)
    assert allowance.take("a", 0.0, rate=2, most=3) == Standing(True, 0, 1.5)
    assert allowance.is_used_up("a", 0.0, rate=2, most=3)
    assert allowance.take("a", 0.0, rate=2, most=3) == Standing(False, 0, 0.5)
    assert not allowance.is_used_up("a", 0.5, rate=2, most=3)
    assert not allowance.is_used_up("b", 0.0, rate=2, most=3)


@given(
    st.lists(st.floats(0, 0.2), min_size=50, max_size=300), st.integers(1, 20), st.integers(1, 50)
)
def test_in_no_span_is_more_taken_than_was_saved_and_grew(
    pauses: list[float], rate: int, most: int
) -> None:
    allowance, now, taken_at = Allowance(), 0.0, []
    for pause in pauses:
        now += pause
        if allowance.take("a", now, rate=rate, most=most).is_taken:
            taken_at.append(now)
    for place, start in enumerate(taken_at):
        for count, end in enumerate(taken_at[place:], 1):
            assert count <= most + (end - start) * rate + 1e-3


def test_it_remembers_few_and_forgets_first_those_who_have_all_of_theirs() -> None:
    allowance = Allowance(owners=100)
    allowance.take("busy", 0.0, rate=1, most=1000)
    assert taken(allowance, "busy", 0.0, rate=1, most=1000) == 999
    for number in range(1000):
        allowance.take(f"once {number}", float(number) / 10, rate=1, most=1000)
    assert allowance.take("busy", 100.0, rate=1, most=1000).left == 99
    for number in range(1000):
        assert allowance.take(f"at once {number}", 100.0, rate=1, most=1000).is_taken
