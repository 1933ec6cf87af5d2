"""A pace finds the size that takes as long as it may, step by step."""

from payment_service.kit.pace import Pace


def test_quick_work_is_doubled_and_never_more() -> None:
    pace = Pace(64, most=200, seconds=0.01)
    pace.took(0.0)
    assert pace.size == 128
    pace.took(0.0)
    assert pace.size == 200


def test_slow_work_is_cut_to_what_fits_at_once() -> None:
    pace = Pace(1024, seconds=0.01)
    pace.took(0.04)
    assert pace.size == 256


def test_work_that_fits_stays_as_it_is() -> None:
    pace = Pace(64, seconds=0.01)
    pace.took(0.01)
    assert pace.size == 64


def test_slowness_alone_never_cuts_to_next_to_nothing() -> None:
    pace = Pace(64, seconds=0.01)
    pace.took(60.0)
    pace.took(60.0)
    assert pace.size == 32


def test_after_a_failure_there_is_always_one_to_do_and_more_again_when_it_is_past() -> None:
    pace = Pace(2, seconds=0.01)
    pace.failed()
    pace.failed()
    assert pace.size == 1
    pace.took(60.0)
    assert pace.size == 2


def test_failures_narrow_down_to_the_one_that_fails() -> None:
    pace = Pace(2048)
    sizes = []
    while pace.size > 1:
        pace.failed()
        sizes.append(pace.size)
    assert sizes == [256, 32, 4, 1]
