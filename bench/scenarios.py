"""The three scenarios: confirm a payment, create a subscription, read an invoice."""

import random
from typing import NamedTuple

from bench.connection import Connection, get, post
from bench.load import Progress, drive
from bench.prepare import PLAN, Paid, Prepared
from bench.report import Figures, percentile
from bench.served import Served
from bench.settlements import counted, watching
from bench.steady import expect

CONFIRM, CREATE, READ = "confirmation", "create subscription", "read invoice"


class Answered(NamedTuple):
    """A scenario that was played: what it took, and what its HTTP looked like."""

    figures: Figures
    units_per_commit: float
    """Of the database; 0 where nothing was written."""
    commits: int
    requests: list[bytes]
    status: int
    bytes: int
    """Of an answer's body."""
    seen_late_p99_ms: float = 0.0


async def confirm(
    served: Served, cores: set[int], prepared: Prepared, count: int, progress: Progress
) -> Answered:
    """Notice in, settlement committed: a connection sends its next notice only then."""
    notices = [(paid.charge_id, _notice(prepared, paid)) for paid in prepared.paid[:count]]
    size = 0
    with counted(prepared.settings) as commits_since:
        async with watching(prepared.settings) as settlements:

            async def play(connection: Connection, notice: tuple[str, bytes]) -> None:
                nonlocal size
                settled = settlements.expect(notice[0])
                size = len(await expect(200, connection, notice[1]))
                await settled

            figures = await drive(CONFIRM, served, cores, notices, play, progress)
            commits = commits_since()
    return Answered(
        figures=figures,
        # Each confirmation is two units of work: the notice is stored, then it is settled.
        units_per_commit=2 * count / (commits or 2 * count),
        commits=commits,
        requests=[request for _, request in notices],
        status=200,
        bytes=size,
        seen_late_p99_ms=percentile(sorted(settlements.gaps), 0.99) * 1000,
    )


async def create(
    served: Served,
    cores: set[int],
    prepared: Prepared,
    count: int,
    progress: Progress,
    *,
    turn: int = 0,
) -> Answered:
    """POST /v1/subscriptions for a tenant never seen before, under a key never seen before: not in
    an earlier turn either."""
    key = {"Authorization": f"Bearer {prepared.api_key}"}
    requests = [
        post(
            "/v1/subscriptions",
            key | {"Idempotency-Key": f"bench-{turn}-{place}"},
            {
                "customer": {"reference": f"new-{turn}-{place}", "name": "Bengkel Maju"},
                "plan": PLAN,
            },
        )
        for place in range(count)
    ]
    with counted(prepared.settings) as commits_since:
        answered = await _ask(CREATE, served, cores, requests, 201, progress)
        commits = commits_since()
    return answered._replace(commits=commits, units_per_commit=count / (commits or count))


async def read(
    served: Served, cores: set[int], prepared: Prepared, count: int, progress: Progress
) -> Answered:
    """GET /v1/invoices/{id}, in no order."""
    key = {"Authorization": f"Bearer {prepared.api_key}"}
    chosen = random.Random(14).choices(prepared.paid, k=count)
    requests = [get(f"/v1/invoices/{paid.invoice_id}", key) for paid in chosen]
    return await _ask(READ, served, cores, requests, 200, progress)


async def _ask(
    name: str,
    served: Served,
    cores: set[int],
    requests: list[bytes],
    status: int,
    progress: Progress,
) -> Answered:
    size = 0

    async def play(connection: Connection, request: bytes) -> None:
        nonlocal size
        size = len(await expect(status, connection, request))

    figures = await drive(name, served, cores, requests, play, progress)
    return Answered(figures, 0.0, 0, requests, status, size)


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


def _notice(prepared: Prepared, paid: Paid) -> bytes:
    path, secret = f"/gateway/pakasir/{prepared.app.id}", {"X-Secret": prepared.notice_secret}
    return post(path, secret, notice_body(paid.charge_id, paid.reference))
