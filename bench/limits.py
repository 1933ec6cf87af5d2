"""The limits of a scenario's HTTP: its own requests, answered by servers that do nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from bench.connection import Connection
from bench.load import Progress, drive
from bench.report import Figures
from bench.scenarios import Answered
from bench.served import Served
from bench.steady import expect

Kind = Literal["http", "wire"]


async def constant(
    kind: Kind, cores: tuple[int, int], answered: Answered, count: int, progress: Progress
) -> Figures:
    """The same requests from the same client on as many connections; answers of the same size."""
    requests: Sequence[bytes] = answered.requests[:count]

    async def play(connection: Connection, request: bytes) -> None:
        await expect(answered.status, connection, request)

    with _served(kind, answered, cores) as served:
        return await drive(kind, served, set(cores), requests, play, progress)


@contextmanager
def _served(kind: Kind, answered: Answered, cores: tuple[int, int]) -> Iterator[Served]:
    core, own_core = cores
    os.sched_setaffinity(0, {core})
    try:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "bench.constant",
                kind, str(answered.status), str(answered.bytes),
            ],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
        )  # fmt: skip
    finally:
        os.sched_setaffinity(0, {own_core})
    try:
        assert process.stdout is not None
        port = process.stdout.readline()
        if not port:
            raise RuntimeError("the server of constant answers did not start")
        yield Served(process, "127.0.0.1", int(port), 0.0)
    finally:
        process.kill()
        process.communicate()
