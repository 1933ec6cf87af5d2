"""Of tests that say the same of both databases, `make test` asks PostgreSQL a part."""

from types import SimpleNamespace
from typing import Any

from tests.drawn import left_out


def test_of_each_file_a_third_is_asked_of_postgresql_and_other_ones_each_time() -> None:
    many, one = (
        asked_of_both("tests/web/test_plans.py", 30),
        asked_of_both("tests/web/test_a.py", 1),
    )
    left = [left_out([*many, *one], seed) for seed in range(10)]
    for of_one_seed in left:
        assert all(item.nodeid.endswith("[postgresql]") for item in of_one_seed)
        assert len(of_one_seed & set(many)) == 20
        assert not of_one_seed & set(one)
    assert set.intersection(*left) == set()
    assert left_out([*one, *reversed(many)], 3) == left[3]


def test_what_the_databases_do_differently_is_asked_of_both_always() -> None:
    assert left_out(asked_of_both("tests/faults/test_races.py", 30)) == set()
    of_none: Any = Named(nodeid="tests/web/test_plans.py::test_0")
    assert left_out([of_none]) == set()


class Named(SimpleNamespace):
    """As much of a test as the draw looks at."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def asked_of_both(file: str, count: int) -> list[Any]:
    return [
        Named(
            nodeid=f"{file}::test_{number}[{kind}]",
            callspec=SimpleNamespace(params={"database_url": kind}),
        )
        for number in range(count)
        for kind in ("sqlite", "postgresql")
    ]
