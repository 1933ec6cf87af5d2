"""When an endpoint is tried again: the schedule of a message, the breaker, and switching off."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from payment_service.model.endpoint import Endpoint, OffReason

RETRY_AFTER = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds from each failed attempt to the next: ten attempts over some 75 hours."""
LONGEST_WAIT = 86400
"""What a receiver may ask for with Retry-After."""
JITTER = 0.2
BREAKER = 10
"""So many failures in a row open it: then one message at a time is tried, by the same schedule.
Those that were under way together are one."""
GIVEN_UP_AFTER = timedelta(days=5)
TOLD_AFTER = 4
"""The failed attempt of one message after which the owner is told."""
PAUSE = timedelta(seconds=60)
PAUSING = (429, 502, 503, 504)
GONE = 410


class Outcome(msgspec.Struct, frozen=True):
    """What one attempt says of the endpoint. `jitter` is -0.2 to 0.2."""

    delivered: bool
    status: int | None
    is_probe: bool
    """Whether it was begun while the breaker was open."""
    counts: bool
    """Whether its failure is a step: no test's is, none that a person asked for at an open breaker,
    and none that was under way when another failed."""
    jitter: float


def is_open(endpoint: Endpoint) -> bool:
    """Whether the breaker is open."""
    return endpoint.failures >= BREAKER


def next_attempt(
    tries: int, retry_after: float | None, jitter: float, now: datetime
) -> datetime | None:
    """When to try a message again that has failed so many times, or None after the last.

    The other side may ask for more time, up to a day, and never for less.
    """
    if tries > len(RETRY_AFTER):
        return None
    wait = RETRY_AFTER[tries - 1] * (1 + jitter)
    return now + timedelta(seconds=max(wait, min(retry_after or 0, LONGEST_WAIT)))


def judged(endpoint: Endpoint, outcomes: Iterable[Outcome], now: datetime) -> Endpoint:
    """The endpoint after these attempts, in the order in which they ended."""
    for outcome in outcomes:
        if endpoint.status == "off":
            break
        if outcome.delivered:
            pause = endpoint.paused_until
            if is_open(endpoint) or pause is None or pause <= now:
                pause = None  # else it asked for one while this was under way
            endpoint = replace(healthy(endpoint), paused_until=pause)
        elif outcome.status == GONE:
            endpoint = _off(endpoint, "gone", now)
        elif is_open(endpoint) and not outcome.is_probe:
            continue  # it was under way when the breaker opened, and says nothing new
        elif outcome.counts:
            endpoint = _failed(endpoint, outcome, now)
        else:
            endpoint = replace(endpoint, paused_until=_pause_kept(endpoint, outcome, now))
    return endpoint


def unpaused(endpoint: Endpoint) -> Endpoint:
    """What a person asks for is the next probe. An open breaker stays open."""
    return replace(endpoint, paused_until=None)


def healthy(endpoint: Endpoint) -> Endpoint:
    """As if it had never failed."""
    return replace(endpoint, failures=0, failing_since=None, failed_at=None, paused_until=None)


def _failed(endpoint: Endpoint, outcome: Outcome, now: datetime) -> Endpoint:
    since = endpoint.failing_since or now
    if now - (endpoint.failed_at or now) > GIVEN_UP_AFTER:
        since = now  # nothing was sent for so long that nothing is known of the time between
    failures = endpoint.failures + 1
    paused_until = endpoint.paused_until
    if outcome.status in PAUSING:
        paused_until = max(now + PAUSE, paused_until or now)
    if failures >= BREAKER:
        paused_until = max(now + _pause(failures, outcome.jitter), paused_until or now)
    endpoint = replace(
        endpoint,
        failures=failures,
        failing_since=since,
        failed_at=now,
        paused_until=paused_until,
    )
    if failures >= BREAKER and now - since >= GIVEN_UP_AFTER:
        return _off(endpoint, "failing", now)
    return endpoint


def _pause_kept(endpoint: Endpoint, outcome: Outcome, now: datetime) -> datetime | None:
    """What was asked for by hand ended the pause, and failed: it goes on as if nobody had asked."""
    kept = endpoint.paused_until
    if is_open(endpoint) and kept is None:
        kept = (endpoint.failed_at or now) + _pause(endpoint.failures, outcome.jitter)
    if outcome.status in PAUSING:
        kept = max(now + PAUSE, kept or now)
    return kept


def _pause(failures: int, jitter: float) -> timedelta:
    """Between the probes of an open breaker."""
    step = min(failures - BREAKER, len(RETRY_AFTER) - 1)
    return timedelta(seconds=RETRY_AFTER[step] * (1 + jitter))


def _off(endpoint: Endpoint, reason: OffReason, now: datetime) -> Endpoint:
    return replace(
        endpoint,
        status="off",
        off_reason=reason,
        off_at=now,
        paused_until=None,
        missed_since=endpoint.missed_since or endpoint.failing_since or now,
    )


def tries_left(tries: int) -> int:
    """How many attempts may follow the next one, of a message that has failed so many times."""
    return max(0, len(RETRY_AFTER) - tries)


def last_attempt(tries: int, following: datetime) -> datetime:
    """When about the last one is made where the next is at `following` and all of them fail."""
    return following + timedelta(seconds=sum(RETRY_AFTER[tries:]))
