"""When an endpoint is tried again: the schedule, the breaker, the pause, and switching off."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from payment_service.model.endpoint import Endpoint
from payment_service.model.endpoint_health import (
    BREAKER,
    RETRY_AFTER,
    Outcome,
    is_open,
    judged,
    next_attempt,
    unpaused,
)
from tests.model.records import NOW, an_endpoint

OK = Outcome(delivered=True, status=204, is_probe=False, counts=False, jitter=0)
BAD = Outcome(delivered=False, status=500, is_probe=False, counts=True, jitter=0)
PROBE = replace(BAD, is_probe=True)
BY_HAND = replace(PROBE, counts=False)
HOUR = timedelta(hours=1)


def failing(times: int, at: datetime = NOW) -> Endpoint:
    return judged(an_endpoint(), [BAD] * times, at)


def test_the_waits_between_attempts_are_the_published_ones() -> None:
    hours = [wait / 3600 for wait in RETRY_AFTER[2:]]
    assert (RETRY_AFTER[:2], hours) == ((5, 300), [0.5, 2, 5, 10, 14, 20, 24])
    for number, wait in enumerate(RETRY_AFTER, start=1):
        assert next_attempt(number, None, 0, NOW) == NOW + timedelta(seconds=wait)
        assert next_attempt(number, None, 0.2, NOW) == NOW + timedelta(seconds=wait * 1.2)
    assert next_attempt(len(RETRY_AFTER) + 1, None, 0, NOW) is None


def test_a_receiver_may_ask_for_more_time_and_never_for_less() -> None:
    assert next_attempt(1, 3600, 0, NOW) == NOW + HOUR
    assert next_attempt(2, 1, 0, NOW) == NOW + timedelta(seconds=300)
    assert next_attempt(1, 7 * 86400, 0, NOW) == NOW + timedelta(days=1)


def test_nine_failures_leave_the_breaker_closed_and_the_tenth_opens_it() -> None:
    assert not is_open(failing(9))
    assert failing(9).paused_until is None
    assert is_open(failing(10))
    assert failing(10).paused_until == NOW + timedelta(seconds=5)


def test_while_it_is_open_each_probe_that_fails_waits_a_step_longer() -> None:
    endpoint, now = failing(10), NOW
    for wait in (*RETRY_AFTER[1:], RETRY_AFTER[-1]):
        assert endpoint.paused_until is not None
        now = endpoint.paused_until
        endpoint = judged(endpoint, [PROBE], now)
        assert endpoint.paused_until == now + timedelta(seconds=wait)


def test_what_was_under_way_when_it_opened_moves_no_step() -> None:
    assert judged(failing(10), [BAD] * 6, NOW + HOUR) == failing(10)
    assert failing(16) == failing(10)


@pytest.mark.parametrize("times", [0, 9, 10, 13])
def test_what_is_tried_by_hand_moves_no_step_and_leaves_the_pause(times: int) -> None:
    endpoint = failing(10) if times > 9 else failing(times)
    for _ in range(times - 10):
        endpoint = judged(endpoint, [PROBE], NOW)
    later = NOW + timedelta(seconds=2)
    tried = endpoint
    for _ in range(14):
        tried = judged(unpaused(tried), [BY_HAND], later)
    assert tried == endpoint


def test_a_test_that_is_told_to_come_later_pauses_and_one_that_is_gone_turns_off() -> None:
    paused = judged(an_endpoint(), [replace(BY_HAND, status=429)], NOW)
    assert (paused.failures, paused.paused_until) == (0, NOW + timedelta(minutes=1))
    assert judged(an_endpoint(), [replace(BY_HAND, status=410)], NOW).status == "off"


def test_the_first_success_closes_it() -> None:
    healed = judged(failing(12), [replace(OK, is_probe=True)], NOW + HOUR)
    assert healed == an_endpoint()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overloaded_endpoint_is_left_alone_for_a_minute(status: int) -> None:
    paused = judged(an_endpoint(), [replace(BAD, status=status)], NOW)
    assert paused.paused_until == NOW + timedelta(minutes=1)


def test_a_success_that_was_under_way_does_not_end_the_pause() -> None:
    endpoint = judged(an_endpoint(), [replace(BAD, status=429), OK], NOW)
    assert (endpoint.failures, endpoint.paused_until) == (0, NOW + timedelta(minutes=1))
    assert judged(endpoint, [OK], NOW + HOUR) == an_endpoint()


def test_gone_turns_it_off_at_once_and_later_news_changes_nothing() -> None:
    off = judged(an_endpoint(), [replace(BAD, status=410), OK, BAD], NOW)
    assert (off.status, off.off_reason, off.off_at, off.missed_since) == ("off", "gone", NOW, NOW)


def test_five_days_of_nothing_but_failures_turn_it_off() -> None:
    endpoint = failing(10)
    for hours in range(20, 121, 20):
        assert endpoint.status == "active"
        endpoint = judged(endpoint, [PROBE], NOW + hours * HOUR)
    assert (endpoint.status, endpoint.off_reason) == ("off", "failing")
    assert endpoint.missed_since == NOW


def test_few_failures_in_five_days_do_not() -> None:
    endpoint = an_endpoint()
    for hours in range(0, 241, 30):
        endpoint = judged(endpoint, [BAD], NOW + hours * HOUR)
    assert (endpoint.failures, endpoint.status) == (9, "active")


def test_one_success_in_between_starts_the_days_anew() -> None:
    endpoint = judged(failing(10), [replace(OK, is_probe=True)], NOW + 100 * HOUR)
    endpoint = judged(endpoint, [BAD] * BREAKER, NOW + 121 * HOUR)
    assert (endpoint.status, endpoint.failing_since) == ("active", NOW + 121 * HOUR)


def test_a_failure_long_after_the_last_one_is_the_first_of_a_new_row_of_days() -> None:
    endpoint = judged(failing(10), [PROBE], NOW + timedelta(days=90))
    assert (endpoint.status, endpoint.failing_since) == ("active", NOW + timedelta(days=90))
