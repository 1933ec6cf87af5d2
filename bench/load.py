"""Drive a scenario: 32 connections, each with one thing under way, and what it cost."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeVar

from bench.collector import without_pauses
from bench.connection import Connection
from bench.readings import busy_seconds, cpu_seconds, tree_seconds
from bench.report import Figures, percentile
from bench.served import Served
from payment_service.kit.clock import monotonic

CONNECTIONS = 32
STILL = 30.0
"""Seconds without any progress after which a scenario has failed."""

Job = TypeVar("Job")
Progress = Callable[[int], None]
"""Told how many are done."""


async def drive(
    name: str,
    served: Served,
    cores: set[int],
    jobs: Iterable[Job],
    play: Callable[[Connection, Job], Awaitable[None]],
    progress: Progress,
) -> Figures:
    """Play every job, 32 at a time. Raises RuntimeError when nothing moves any more."""
    connections = await _connect(served)
    took: list[float] = []
    shared = iter(jobs)
    before, begun = _cpu(served, cores), monotonic()
    with without_pauses():
        await _all(
            [
                asyncio.create_task(_play(connection, shared, play, took))
                for connection in connections
            ],
            took,
            progress,
        )
    wall = monotonic() - begun
    after = _cpu(served, cores)
    server, client, database, anybody = (
        now - then for now, then in zip(after, before, strict=True)
    )
    others = anybody - server - client - database
    for connection in connections:
        connection.close()
    took.sort()
    return Figures(
        name=name,
        samples=len(took),
        per_second=len(took) / wall,
        p50_ms=percentile(took, 0.50) * 1000,
        p99_ms=percentile(took, 0.99) * 1000,
        server_us=server / len(took) * 1e6,
        database_us=database / len(took) * 1e6,
        server_share=server / wall,
        database_share=database / wall,
        client_share=client / wall,
        others_share=max(0.0, others) / wall / len(cores),
    )


def _cpu(served: Served, cores: set[int]) -> tuple[float, float, float, float]:
    """Seconds so far of server, client, database and of everybody on these cores."""
    return (
        cpu_seconds(served.pid),
        cpu_seconds(os.getpid()),
        tree_seconds(served.database_pid),
        busy_seconds(cores),
    )


async def _connect(served: Served) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(Connection, served.host, served.port)
        for _ in range(CONNECTIONS)
    ]
    return [connection for _, connection in made]


async def _play(
    connection: Connection,
    jobs: Iterator[Job],
    play: Callable[[Connection, Job], Awaitable[None]],
    took: list[float],
) -> None:
    for job in jobs:
        begun = monotonic()
        await play(connection, job)
        took.append(monotonic() - begun)


async def _all(tasks: list[asyncio.Task[None]], took: list[float], progress: Progress) -> None:
    """Wait for all; the first to fail, or a standstill, ends them all."""
    pending, done_before, moved_at = set(tasks), 0, monotonic()
    try:
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=0.25, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in done:
                task.result()
            progress(len(took))
            if len(took) > done_before:
                done_before, moved_at = len(took), monotonic()
            elif monotonic() - moved_at > STILL:
                raise RuntimeError(f"nothing moves any more after {len(took)} were done")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
