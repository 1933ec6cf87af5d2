"""Which processes run: each says so itself, every few seconds."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from payment_service.cli.doctor.finding import Finding, attention, ok
from payment_service.kit.machine import Role
from payment_service.kit.spans import spelled
from payment_service.model.heartbeat import Heartbeat, missed

START: dict[Role, str] = {
    "service": "start it: `payment-service serve`, or its unit",
    "worker": "start one: `payment-service serve` without --no-worker, or its unit",
}
START_AGAIN = (
    "start it again, and see in its log why it ended; one that was taken away is named for a day"
)


def look_at_processes(
    beats: Sequence[Heartbeat], worker_seen: datetime | None, now: datetime
) -> Iterator[Finding]:
    """A row for each role, on all machines together; `worker_seen` is kept for longer than what
    each said."""
    yield _row("service", beats, None, now)
    yield _row("worker", beats, worker_seen, now)


def _row(role: Role, beats: Sequence[Heartbeat], seen: datetime | None, now: datetime) -> Finding:
    of_role = [one for one in beats if role in one.roles]
    newest = max((one.seen for one in of_role), default=seen)
    if newest is None:
        return attention(role, "none has been seen", START[role])
    running = [one for one in of_role if one.runs(now)]
    says = f"last seen {_ago(newest, now)} ago"
    if not running:
        return attention(role, f"none runs, {says}", START[role])
    if len(running) > 1:
        says = f"{len(running)} run, {says}"
    silent = ", ".join(
        f"process {one.process} on {one.machine} for {_ago(one.seen, now)}"
        for one in missed(beats, now)
        if role in one.roles
    )
    return attention(role, f"{says}; silent: {silent}", START_AGAIN) if silent else ok(role, says)


def _ago(seen: datetime, now: datetime) -> str:
    return spelled(max(now - seen, timedelta()))
