"""Of tests that say the same of both databases, `make test` asks one."""

from types import SimpleNamespace
from typing import Any

from tests.drawn import left_out


def test_each_asks_one_database_and_another_one_some_other_time() -> None:
    items = asked_of_both("tests/web/test_plans.py", 200)
    lefts = [left_out(items, seed) for seed in range(30)]
    for left in lefts:
        asked = [item for item in items if item not in left]
        assert len({item.number for item in asked}) == len(asked) == 200
        assert 20 < len([item for item in asked if item.nodeid.endswith("[postgresql]")]) < 80
    assert set.intersection(*lefts) == set()
    assert left_out(list(reversed(items)), 3) == lefts[3]


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
            number=number,
            callspec=SimpleNamespace(params={"database_url": kind}),
        )
        for number in range(count)
        for kind in ("sqlite", "postgresql")
    ]
