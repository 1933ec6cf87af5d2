"""Send again what an endpoint did not take, or all its events since an instant, bit by bit."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from payment_service.kit.errors import Conflict
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add, add_all, save
from payment_service.model.alert import clear_alert_of
from payment_service.model.audit import By, record
from payment_service.model.delivery import Delivery
from payment_service.model.endpoint import ENDPOINT, Endpoint, listening_endpoint
from payment_service.model.endpoint_health import unpaused
from payment_service.model.event import LAST_POSITION, SLACK, position_before
from payment_service.model.resend import (
    CANDIDATES,
    CHUNK,
    DUE_COUNT_OF_ENDPOINT,
    HURRY,
    LAST_UNTAKEN,
    QUEUE_AGAIN,
    RESEND,
    RUNNING_RESEND,
    RUNNING_RESENDS,
    UNTAKEN,
    UNTAKEN_AFTER,
    Candidate,
    Resend,
)
from payment_service.runtime import Runtime


def begin_resend(
    tx: Transaction,
    app_id: str,
    endpoint_id: str,
    since: datetime | None,
    now: datetime,
    by: By | None = None,
) -> Resend:
    """All that failed for good or waits for its next attempt, or with `since` all events that the
    endpoint wants since that instant of the app's clock, delivered or not, also those from before
    it was there. `now` is the machine's, `by` the admin who asks, if one does.

    It ends the endpoint's pause. The same again while it is under way gives the one that is. Raises
    NotFound, and Conflict while the endpoint is off or another resend of it is under way.
    """
    endpoint = listening_endpoint(tx, app_id, endpoint_id)
    running = tx.one(RUNNING_RESEND, endpoint_id=endpoint_id)
    if running is not None:
        if running.since != since:
            raise Conflict(
                "resend_running",
                "Another resend of this endpoint is under way; ask again when it is done.",
                id=running.id,
            )
        save(tx, endpoint, unpaused(endpoint))
        return running
    if by is not None:
        told = {} if since is None else {"since": since.isoformat(timespec="minutes")}
        record(tx, by, app_id, "endpoint.resend", endpoint_id, **told)
    resend = Resend(
        id=new_id("rsd", now),
        app_id=app_id,
        endpoint_id=endpoint_id,
        kind="failed" if since is None else "since",
        since=since,
        after_id="",
        until_id=_last_untaken(tx, endpoint_id),
        position=0 if since is None else position_before(tx, app_id, since - SLACK),
        until_position=0 if since is None else tx.one(LAST_POSITION, app_id=app_id) or 0,
        queued=0,
        created_at=now,
        finished_at=None,
        version=1,
    )
    add(tx, resend)
    missed = endpoint.missed_since
    if since is None or missed is None or since <= missed:
        missed = None
    save(tx, endpoint, replace(unpaused(endpoint), missed_since=missed))
    clear_alert_of(tx, "delivery_failed", endpoint_id, now)
    return go_on(tx, resend.id, now) or resend


def go_on(tx: Transaction, resend_id: str, now: datetime) -> Resend | None:
    """Queue the next of a resend, up to what may wait at once; None when there was no room, or
    nothing to go on with."""
    resend = tx.one(RESEND, id=resend_id)
    endpoint = None if resend is None else tx.one(ENDPOINT, id=resend.endpoint_id)
    if resend is None or endpoint is None or resend.finished_at is not None:
        return None
    if endpoint.status == "off":
        return save(tx, resend, replace(resend, finished_at=now))
    due = tx.one(DUE_COUNT_OF_ENDPOINT, endpoint_id=endpoint.id, now=now, limit=CHUNK) or 0
    if due >= CHUNK:
        return None
    step = _failed if resend.kind == "failed" else _since
    return save(tx, resend, step(tx, resend, endpoint, CHUNK - due, now))


async def go_on_with_resends(runtime: Runtime) -> bool:
    """A step of each that is under way; whether any was made."""
    running = await runtime.db.read(lambda tx: tx.all(RUNNING_RESENDS))
    made = [await runtime.db.write(go_on, resend_id, runtime.clock.now()) for resend_id in running]
    return any(made)


def _failed(
    tx: Transaction, resend: Resend, endpoint: Endpoint, room: int, now: datetime
) -> Resend:
    place = {"after_id": resend.after_id, "until_id": resend.until_id, "limit": room}
    each = [
        tx.all(UNTAKEN_AFTER, endpoint_id=endpoint.id, status=status, **place) for status in UNTAKEN
    ]
    found = sorted(id_ for ids in each for id_ in ids)[:room]
    queued = _queue(tx, found, now)
    return replace(
        resend,
        after_id=found[-1] if found else resend.after_id,
        queued=resend.queued + queued,
        finished_at=None if len(found) == room else now,
    )


def _since(tx: Transaction, resend: Resend, endpoint: Endpoint, room: int, now: datetime) -> Resend:
    found = tx.all(
        CANDIDATES,
        endpoint_id=endpoint.id,
        app_id=resend.app_id,
        after=resend.position,
        until=resend.until_position,
        limit=room,
    )
    wanted = [one for one in found if _is_wanted(one, resend, endpoint)]
    queued = _queue(tx, [one.delivery_id for one in wanted if one.delivery_id], now)
    new = [_delivery(one, endpoint, now) for one in wanted if one.delivery_id is None]
    add_all(tx, new)
    return replace(
        resend,
        position=found[-1].position if found else resend.until_position,
        queued=resend.queued + queued + len(new),
        finished_at=None if len(found) == room else now,
    )


def _queue(tx: Transaction, delivery_ids: Sequence[str], now: datetime) -> int:
    """How many of them were not queued already."""
    rows = [{"id": id_, "now": now} for id_ in delivery_ids]
    return tx.run_all(QUEUE_AGAIN, rows) + tx.run_all(HURRY, rows) if rows else 0


def _last_untaken(tx: Transaction, endpoint_id: str) -> str:
    ends = [tx.one(LAST_UNTAKEN, endpoint_id=endpoint_id, status=status) for status in UNTAKEN]
    return max(one or "" for one in ends)


def _is_wanted(one: Candidate, resend: Resend, endpoint: Endpoint) -> bool:
    if resend.since is None or one.created_at < resend.since or one.type == "endpoint.test":
        return False
    return endpoint.types is None or one.type in endpoint.types


def _delivery(one: Candidate, endpoint: Endpoint, now: datetime) -> Delivery:
    return Delivery(
        id=new_id("dlv", now),
        app_id=endpoint.app_id,
        event_id=one.event_id,
        endpoint_id=endpoint.id,
        status="queued",
        attempts=0,
        tries=0,
        next_at=now,
        delivered_at=None,
        created_at=now,
    )
