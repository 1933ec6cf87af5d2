"""Write down what came of attempts: each, its delivery, and what it says of its endpoint."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import asdict

from payment_service.kit.ids import new_id
from payment_service.kit.statements import Moved, Transaction, add_all
from payment_service.model.alert import Kind, clear_alert_of, raise_alert
from payment_service.model.attempt import Attempt
from payment_service.model.endpoint import ENDPOINT, Endpoint
from payment_service.model.endpoint_health import (
    GONE,
    TOLD_AFTER,
    Outcome,
    judged,
    next_attempt,
    unpaused,
)
from payment_service.model.sending import (
    LEASE,
    MOVE_LEASE,
    NOTE_DELIVERED,
    NOTE_FAILED,
    NOTE_HEALTH,
    Outgoing,
)
from payment_service.outside.webhook_client import Answer


class Result(msgspec.Struct, frozen=True):
    """One attempt that has ended; it was signed and begun at `at`."""

    endpoint: Endpoint
    """As it is known now; `begun` is as it was when the attempt began."""
    begun: Endpoint
    outgoing: Outgoing
    answer: Answer
    outcome: Outcome
    at: datetime


class Written(msgspec.Struct, frozen=True):
    """How the endpoints stand that have changed, and those whose lease another has taken."""

    changed: list[Endpoint]
    lost: list[str]


HEALTH = (
    "failures", "failing_since", "failed_at", "paused_until", "status", "off_reason", "off_at",
    "missed_since",
)  # fmt: skip


def record_attempts(
    tx: Transaction,
    results: Sequence[Result],
    kept: Sequence[Endpoint],
    released: Sequence[Endpoint],
    now: datetime,
) -> Written:
    """In one go for all; the leases of `kept` are extended, those of `released` end."""
    plans = {one.outgoing.id: _next(one, now) for one in results}
    add_all(tx, [_attempt(one, plans[one.outgoing.id]) for one in results])
    delivered = [one for one in results if one.answer.delivered]
    if delivered:
        tx.run_all(NOTE_DELIVERED, [{"id": one.outgoing.id, "now": now} for one in delivered])
    failed = [one for one in results if not one.answer.delivered]
    if failed:
        tx.run_all(NOTE_FAILED, [_planned(one, plans[one.outgoing.id]) for one in failed])
    changed = _judge(tx, results, now)
    _tell(tx, failed, plans, now)
    moved = [(one, now + LEASE) for one in kept] + [(one, now) for one in released]
    lost = [endpoint.id for endpoint, until in moved if _move(tx, endpoint, until) == 0]
    return Written(changed, lost)


def _next(one: Result, now: datetime) -> datetime | None:
    if one.answer.delivered or one.answer.status == GONE:
        return None
    wait, jitter = one.answer.retry_after, one.outcome.jitter
    return next_attempt(one.outgoing.tries + 1, wait, jitter, now)


def _attempt(one: Result, next_at: datetime | None) -> Attempt:
    return Attempt(
        id=new_id("att", one.at),
        delivery_id=one.outgoing.id,
        number=one.outgoing.attempts + 1,
        url=one.begun.url,
        status=one.answer.status,
        error=one.answer.error,
        milliseconds=one.answer.milliseconds,
        answer=one.answer.body_head,
        next_at=next_at,
        created_at=one.at,
    )


def _planned(one: Result, next_at: datetime | None) -> dict[str, object]:
    return {
        "id": one.outgoing.id,
        "seen": one.outgoing.attempts,
        "status": "failed" if next_at is None else "retrying",
        "next_at": next_at,
    }


def _judge(tx: Transaction, results: Sequence[Result], now: datetime) -> list[Endpoint]:
    by_endpoint: dict[str, list[Result]] = {}
    for one in results:
        by_endpoint.setdefault(one.endpoint.id, []).append(one)
    changed = []
    for endpoint_id, its in by_endpoint.items():
        if all(one.answer.delivered and not one.endpoint.failures for one in its):
            continue  # healthy as before: nothing is read and nothing written
        current = tx.one(ENDPOINT, id=endpoint_id)
        if current is None or current.lease_no != its[0].endpoint.lease_no:
            continue  # another process judges it by now
        after = judged(current, [one.outcome for one in its], now)
        if any(_was_unpaused(current, one.begun) for one in its):
            after = unpaused(after)
        if after != current:
            _save_health(tx, after)
            _tell_of_endpoint(tx, current, after, now)
        changed.append(after)
    return changed


def _was_unpaused(current: Endpoint, begun: Endpoint) -> bool:
    """Whether a person ended the pause while this attempt was under way: what they asked for is
    the next probe. The worker, which ends pauses too, leaves the version alone."""
    return (
        current.version != begun.version
        and current.paused_until is None
        and begun.paused_until is not None
    )


def _save_health(tx: Transaction, after: Endpoint) -> None:
    fields = asdict(after)
    health = {name: fields[name] for name in HEALTH}
    key = {"id": after.id, "lease_no": after.lease_no, "version": after.version}
    if tx.run(NOTE_HEALTH, **key, **health) != 1:
        raise Moved(f"endpoint {after.id} was edited meanwhile")


def _tell_of_endpoint(tx: Transaction, before: Endpoint, after: Endpoint, now: datetime) -> None:
    if before.failures and not after.failures:
        clear_alert_of(tx, "delivery_failing", after.id, now)
    if after.status == "off" and before.status == "active":
        clear_alert_of(tx, "delivery_failing", after.id, now)
        why = (
            "answered 410 Gone" if after.off_reason == "gone" else "did nothing but fail for 5 days"
        )
        _alert(tx, after, "endpoint_off", f"{after.url} {why} and gets no more events.", now)


def _tell(
    tx: Transaction,
    failed: Sequence[Result],
    plans: dict[str, datetime | None],
    now: datetime,
) -> None:
    """The owner hears of an endpoint once, however many of its messages fail alike; of no test,
    which somebody looks at."""
    failed = [one for one in failed if not one.outgoing.is_test]
    lost = {
        one.endpoint.id: one
        for one in failed
        if plans[one.outgoing.id] is None and one.answer.status != GONE
    }
    for one in lost.values():
        clear_alert_of(tx, "delivery_failing", one.endpoint.id, now)
        message = f"An event could not be delivered to {one.endpoint.url}; send it again."
        _alert(tx, one.endpoint, "delivery_failed", message, now)
    for one in failed:
        if one.outgoing.tries + 1 == TOLD_AFTER and one.endpoint.id not in lost:
            message = (
                f"An event has failed {TOLD_AFTER} times at {one.endpoint.url}; it is tried on."
            )
            _alert(tx, one.endpoint, "delivery_failing", message, now)


def _alert(tx: Transaction, endpoint: Endpoint, kind: Kind, message: str, now: datetime) -> None:
    raise_alert(
        tx,
        app_id=endpoint.app_id,
        kind=kind,
        subject_id=endpoint.id,
        message=message,
        now=now,
        by_machine=True,
    )


def _move(tx: Transaction, endpoint: Endpoint, until: datetime) -> int:
    return tx.run(MOVE_LEASE, id=endpoint.id, lease_no=endpoint.lease_no, until=until)
