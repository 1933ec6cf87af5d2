"""Deliver events: send what is due to the apps' webhook endpoints, and keep what came back."""

import random
from collections import Counter
from datetime import datetime, timedelta

import msgspec
import structlog

from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add, save
from payment_service.model.alert import raise_alert
from payment_service.model.delivery import (
    DUE_DELIVERIES,
    ENDPOINT,
    FINISH_ATTEMPT,
    LEASE,
    LEASE_DELIVERY,
    RETRY_AFTER,
    SOMETHING_IS_DUE,
    Attempt,
    Delivery,
    Endpoint,
    Status,
)
from payment_service.model.event import EVENT
from payment_service.outside.webhook_client import Answer, sign
from payment_service.runtime import Runtime

log = structlog.get_logger()

IN_FLIGHT = 64
PER_ENDPOINT = 4
"""A slow endpoint holds up no more than this many sends of a process."""
JITTER = 0.2


class Outgoing(msgspec.Struct, frozen=True):
    """A delivery that this process has leased."""

    delivery: Delivery
    endpoint: Endpoint
    event_id: str
    body: str


async def lease_deliveries(runtime: Runtime, busy: Counter[str]) -> list[Outgoing]:
    """Take what is due, for endpoints that have room; `busy` counts sends in flight by endpoint."""
    room = IN_FLIGHT - busy.total()
    now = runtime.clock.now()
    if room <= 0 or not await runtime.db.read(_is_due, now):
        return []
    return await runtime.db.write(_lease, now, room, busy)


async def deliver(runtime: Runtime, outgoing: Outgoing) -> None:
    """One attempt, with no transaction open."""
    endpoint = outgoing.endpoint
    secrets = [runtime.secrets.open(endpoint.secret)]
    now = runtime.clock.now()
    if endpoint.old_secret and endpoint.old_secret_until and now < endpoint.old_secret_until:
        secrets.append(runtime.secrets.open(endpoint.old_secret))
    body = outgoing.body.encode()
    headers = sign(secrets, outgoing.event_id, now, body)
    answer = await runtime.webhooks.post(endpoint.url, headers, body)
    jitter = random.uniform(-JITTER, JITTER)  # noqa: S311 - spreads load, guards nothing
    await runtime.db.write(_record, outgoing, answer, jitter, runtime.clock.now())


def _is_due(tx: Transaction, now: datetime) -> bool:
    return tx.one(SOMETHING_IS_DUE, now=now) is not None


def _lease(tx: Transaction, now: datetime, room: int, busy: Counter[str]) -> list[Outgoing]:
    taken: list[Outgoing] = []
    in_flight = Counter(busy)
    endpoints: dict[str, Endpoint | None] = {}
    for delivery in tx.all(DUE_DELIVERIES, now=now, each=PER_ENDPOINT, limit=IN_FLIGHT * 4):
        if len(taken) == room:
            break
        if in_flight[delivery.endpoint_id] >= PER_ENDPOINT:
            continue
        if delivery.endpoint_id not in endpoints:
            endpoints[delivery.endpoint_id] = tx.one(ENDPOINT, id=delivery.endpoint_id)
        endpoint, event = endpoints[delivery.endpoint_id], tx.one(EVENT, id=delivery.event_id)
        if endpoint is None or event is None:
            raise LookupError(f"delivery {delivery.id} hangs on rows that are not there")
        until, seen = now + LEASE, delivery.lease_no
        if endpoint.status == "off":
            _finish(tx, delivery, seen, "failed", delivery.attempts, None, None)
        elif tx.run(LEASE_DELIVERY, id=delivery.id, seen=seen, until=until) == 1:
            in_flight[endpoint.id] += 1
            mine = msgspec.structs.replace(delivery, lease_no=seen + 1, next_at=until)
            taken.append(Outgoing(mine, endpoint, event.id, event.body))
    return taken


def _record(
    tx: Transaction, outgoing: Outgoing, answer: Answer, jitter: float, now: datetime
) -> None:
    """Write the attempt down and plan the next; a lease that was lost changes nothing but that."""
    delivery, number = outgoing.delivery, outgoing.delivery.attempts + 1
    attempt = Attempt(
        id=new_id("att", now),
        delivery_id=delivery.id,
        number=number,
        status=answer.status,
        error=answer.error,
        milliseconds=answer.milliseconds,
        answer=answer.body_head,
        created_at=now,
    )
    add(tx, attempt)
    if answer.delivered:
        _finish(tx, delivery, delivery.lease_no, "delivered", number, None, now)
        return
    log.info("delivery_failed", delivery=delivery.id, status=answer.status, error=answer.error)
    if answer.status == 410:
        _turn_off(tx, outgoing.endpoint, now)
    again = next_attempt(number, answer.retry_after, jitter, now)
    if answer.status == 410 or again is None:
        _finish(tx, delivery, delivery.lease_no, "failed", number, None, None)
        raise_alert(
            tx,
            app_id=delivery.app_id,
            kind="delivery_failed",
            subject_id=outgoing.endpoint.id,
            message=f"An event could not be delivered to {outgoing.endpoint.url}; send it again.",
            now=now,
            by_machine=True,
        )
        return
    _finish(tx, delivery, delivery.lease_no, "retrying", number, again, None)


def next_attempt(
    number: int, retry_after: float | None, jitter: float, now: datetime
) -> datetime | None:
    """When to try again after attempt `number`, or None after the last.

    The other side may ask for more time, up to a day, and never for less.
    """
    if number > len(RETRY_AFTER):
        return None
    wait = RETRY_AFTER[number - 1] * (1 + jitter)
    return now + timedelta(seconds=max(wait, min(retry_after or 0, 86400)))


def _turn_off(tx: Transaction, endpoint: Endpoint, now: datetime) -> None:
    current = tx.one(ENDPOINT, id=endpoint.id)
    if current is None or current.status == "off":
        return
    save(tx, current, msgspec.structs.replace(current, status="off", off_reason="gone"))
    raise_alert(
        tx,
        app_id=endpoint.app_id,
        kind="endpoint_off",
        subject_id=endpoint.id,
        message=f"{endpoint.url} answered 410 Gone and gets no more events.",
        now=now,
        by_machine=True,
    )


def _finish(
    tx: Transaction,
    delivery: Delivery,
    lease_no: int,
    status: Status,
    attempts: int,
    next_at: datetime | None,
    delivered_at: datetime | None,
) -> None:
    tx.run(
        FINISH_ATTEMPT,
        id=delivery.id,
        lease_no=lease_no,
        status=status,
        attempts=attempts,
        next_at=next_at,
        delivered_at=delivered_at,
    )
