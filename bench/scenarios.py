"""The three scenarios: confirm a payment, create a subscription, read an invoice."""

import asyncio
import json
import random
from typing import NamedTuple

from bench.connection import Answer, Connection, get, post
from bench.load import Progress, drive
from bench.prepare import PLAN, Prepared
from bench.report import Confirmation, Figures, percentile
from bench.served import Served
from bench.settlements import Settlements


class Notice(NamedTuple):
    """A request that says that this charge is paid."""

    charge_id: str
    request: bytes


async def confirm(
    served: Served, cores: set[int], prepared: Prepared, count: int, progress: Progress
) -> Confirmation:
    """Notice in, settlement committed: a connection sends its next notice only then."""
    notices = _notices(prepared, count)
    settlements = Settlements(prepared.path)
    watching = asyncio.create_task(settlements.watch())
    before = settlements.commits.count()

    async def play(connection: Connection, notice: Notice) -> None:
        settled = settlements.expect(notice.charge_id)
        _expect(200, await connection.ask(notice.request))
        await settled

    try:
        figures = await drive("confirmation", served, cores, notices, play, progress)
        commits = (settlements.commits.count() - before) % 2**32
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        settlements.close()
    gaps = sorted(settlements.gaps)
    return Confirmation(
        figures=figures,
        commits=commits,
        # Each confirmation is two units of work: the notice is stored, then it is settled.
        units_per_commit=2 * count / commits,
        seen_late_p99_ms=percentile(gaps, 0.99) * 1000,
    )


async def create(
    served: Served, cores: set[int], prepared: Prepared, count: int, progress: Progress
) -> Figures:
    """POST /v1/subscriptions for a tenant never seen before, under a key never seen before."""
    key = {"Authorization": f"Bearer {prepared.api_key}"}
    requests = [
        post(
            "/v1/subscriptions",
            key | {"Idempotency-Key": f"bench-{place}"},
            {"customer": {"reference": f"new-{place}", "name": "Bengkel Maju"}, "plan": PLAN},
        )
        for place in range(count)
    ]

    async def play(connection: Connection, request: bytes) -> None:
        _expect(201, await connection.ask(request))

    return await drive("create subscription", served, cores, requests, play, progress)


async def read(
    served: Served, cores: set[int], prepared: Prepared, count: int, progress: Progress
) -> Figures:
    """GET /v1/invoices/{id}, in no order."""
    key = {"Authorization": f"Bearer {prepared.api_key}"}
    chosen = random.Random(14).choices(prepared.paid, k=count)
    requests = [get(f"/v1/invoices/{paid.invoice_id}", key) for paid in chosen]

    async def play(connection: Connection, request: bytes) -> None:
        _expect(200, await connection.ask(request))

    return await drive("read invoice", served, cores, requests, play, progress)


def notice_body(charge_id: str, reference: str) -> dict[str, object]:
    """As Pakasir's v2 notices look; only the two ids are read."""
    return {
        "txn_id": reference,
        "order_id": charge_id,
        "amount": 99_000,
        "is_sandbox": True,
        "status": "completed",
        "completed_at": "2026-11-22T03:00:00Z",
    }


def _notices(prepared: Prepared, count: int) -> list[Notice]:
    path = f"/gateway/pakasir/{prepared.app_id}"
    secret = {"X-Secret": prepared.notice_secret}
    return [
        Notice(charge_id, post(path, secret, notice_body(charge_id, reference)))
        for charge_id, reference, _ in prepared.paid[:count]
    ]


def _expect(wanted: int, answer: Answer) -> None:
    status, body = answer
    if status != wanted:
        raise RuntimeError(f"the server answered {status}, not {wanted}: {json.loads(body)}")
