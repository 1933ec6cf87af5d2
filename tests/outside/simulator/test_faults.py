"""When a fault fires: by call, order, rate and times, the same for the same seed, and counted."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from payment_service.kit.clock import monotonic
from payment_service.outside.simulator.faults import KINDS, Fault, Faults


def test_without_a_fault_nothing_fires() -> None:
    faults = Faults(1)

    assert not faults
    assert faults.fires("slow", "create", "chg_1") is None
    assert faults.fired == Counter()


def test_it_fires_for_its_own_call_and_order_alone() -> None:
    faults = Faults(1, [Fault(kind="slow", calls=("status",), order_id="chg_1", seconds=0.5)])

    assert faults.fires("slow", "create", "chg_1") is None
    assert faults.fires("slow", "status", "chg_2") is None
    assert faults.fires("drip", "status", "chg_1") is None
    firing = faults.fires("slow", "status", "chg_1")
    assert firing is not None
    assert firing.seconds == 0.5


def test_times_are_all_there_are() -> None:
    faults = Faults(1, [Fault(kind="error", times=2)])

    fired = [faults.fires("error", "create", f"chg_{number}") for number in range(5)]

    assert [firing is not None for firing in fired] == [True, True, False, False, False]


def test_each_firing_is_counted_by_kind_and_by_order() -> None:
    faults = Faults(1, [Fault(kind="slow"), Fault(kind="notice_lost", order_id="chg_2")])
    for order_id in ("chg_1", "chg_2", "chg_2"):
        faults.fires("slow", "status", order_id)
        faults.fires("notice_lost", "notice", order_id)

    assert faults.fired == {"slow": 3, "notice_lost": 2}
    assert faults.fired_by_order == {
        ("slow", "chg_1"): 1,
        ("slow", "chg_2"): 2,
        ("notice_lost", "chg_2"): 2,
    }


def drawn(faults: Faults) -> list[object]:
    return [faults.fires("error", "status", f"chg_{number}") for number in range(200)]


def test_the_same_seed_and_calls_meet_the_same_faults() -> None:
    wanted = [Fault(kind="error", rate=0.3)]
    one, again, other = Faults(7, wanted), Faults(7, wanted), Faults(8, wanted)

    first = drawn(one)
    assert first == drawn(again)
    assert first != drawn(other)
    one.clear()
    one.add(*wanted)
    assert drawn(one) == first
    assert 30 < one.fired["error"] < 90
    assert len({firing.variant for firing in first if firing}) == 4  # type: ignore[attr-defined]


def test_a_variant_that_makes_no_sense_here_is_not_drawn() -> None:
    faults = Faults(1, [Fault(kind="wrong_body", variant="other_order")])

    assert faults.fires("wrong_body", "cancel", "chg_1", {"html"}) is None
    assert faults.fired == Counter()


def test_clearing_forgets_faults_and_counts() -> None:
    faults = Faults(1, [Fault(kind="slow")])
    faults.fires("slow", "create", "chg_1")

    faults.clear()

    assert faults.all == ()
    assert faults.fires("slow", "create", "chg_1") is None
    assert faults.fired == faults.fired_by_order == Counter()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "nope"},
        {"kind": "slow", "calls": ["notice"]},
        {"kind": "slow", "variant": "very"},
        {"kind": "slow", "rate": 0},
        {"kind": "slow", "rate": 1.1},
        {"kind": "slow", "times": 0},
        {"kind": "slow", "seconds": -1},
        {"kind": "slow", "seconds": 601},
        {"kind": "slow", "oder_id": "chg_1"},
        {},
    ],
    ids=str,
)
def test_a_fault_that_cannot_be_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fault, Fault)


def test_every_kind_fires_for_every_call_it_may_happen_to() -> None:
    for kind, nature in KINDS.items():
        calls = (*nature.calls, *nature.also)
        faults = Faults(1, [Fault(kind=kind, calls=calls)])
        for call in calls:
            firing = faults.fires(kind, call, "chg_1")
            assert firing is not None
            assert firing.variant in nature.variants


def test_many_orders_with_faults_of_their_own_do_not_slow_each_other() -> None:
    faults = Faults(1, [Fault(kind="slow", order_id=f"chg_{number}") for number in range(20_000)])

    start = monotonic()
    for number in range(20_000):
        assert faults.fires("slow", "create", f"chg_{number}")

    assert monotonic() - start < 10
