"""What is counted of the database's transactions."""

from payment_service.kit.errors import Unavailable
from payment_service.kit.metrics import Count, Gauge, Histogram

WRITES_REFUSED = Count(
    "writes_refused_total", "Transactions that the database did not take, by why.", "reason"
)
WRITE_SECONDS = Histogram(
    "write_seconds", "Seconds from the begin of a write transaction to the end of its commit."
)
BATCHES = Histogram(
    "writer_batch_size",
    "Units of work in one commit of SQLite's writer.",
    bounds=(1, 2, 4, 8, 16, 32, 64, 128),
)
WAITING = Gauge(
    "writer_queue",
    "Units of work that wait for their turn to be written.",
)


def count_batch(size: int, left: int, seconds: float) -> None:
    BATCHES.observe(size)
    WRITE_SECONDS.observe(seconds)
    WAITING.set(left)


def counted(refusal: Unavailable) -> Unavailable:
    WRITES_REFUSED.add(refusal.code)
    return refusal
