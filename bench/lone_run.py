"""One billing run and nothing else, in a process of its own: `python -m bench.lone_run APP`.

The database and the key come from the environment, as for the service. Prints one JSON document.
"""

import os
import sys

import msgspec
import uvloop

from bench.readings import cpu_seconds, memory
from payment_service.actions.run_billing import run_billing
from payment_service.config import open_runtime, read_settings
from payment_service.kit.clock import monotonic
from payment_service.kit.collector import spare_what_is_here
from payment_service.model.app import app_by_id
from payment_service.model.billing_run import Counts


class LoneRun(msgspec.Struct, frozen=True):
    """`seconds` from the run's first transaction to its last, `cpu` those that this process
    computed in them; memory in MB (10**6 bytes)."""

    seconds: float
    cpu: float
    peak_mb: float
    counts: Counts


async def _make(app_id: str) -> LoneRun:
    runtime = await open_runtime(read_settings())
    try:
        app = await runtime.db.read(app_by_id, app_id)
        spare_what_is_here()
        begun, cpu = monotonic(), cpu_seconds(os.getpid())
        run = await run_billing(runtime, app)
        seconds, cpu = monotonic() - begun, cpu_seconds(os.getpid()) - cpu
    finally:
        await runtime.close()
    return LoneRun(seconds, cpu, memory(os.getpid())[1], run.counts)


if __name__ == "__main__":
    made = uvloop.run(_make(sys.argv[1])) if len(sys.argv) == 2 else sys.exit(__doc__)
    sys.stdout.write(msgspec.json.encode(made).decode() + "\n")
