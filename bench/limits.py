"""The limits of a scenario's HTTP: its own requests, answered by servers that do nothing else."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.connection import Connection
from bench.cores import on_core
from bench.load import Progress, drive
from bench.report import Figures
from bench.scenarios import Answered
from bench.served import Served
from bench.steady import expect


@contextmanager
def constant_servers(
    played: Sequence[Answered], cores: tuple[int, int]
) -> Iterator[list[tuple[Served, Served]]]:
    """For each scenario the bare HTTP server and the wire, with answers of its size: all in one
    process on the service's core, of which only one has anything to do at a time."""
    wanted = [str(number) for one in played for number in (one.status, one.bytes)]
    with on_core(cores[0]):
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.constant", *wanted],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the servers of constant answers did not start")
        yield [
            (Served(process, "127.0.0.1", http, 0.0), Served(process, "127.0.0.1", wire, 0.0))
            for http, wire in msgspec.json.decode(line, type=list[tuple[int, int]])
        ]
    finally:
        process.kill()
        process.communicate()


async def ask_constant(
    name: str,
    served: Served,
    cores: tuple[int, int],
    answered: Answered,
    count: int,
    progress: Progress,
) -> Figures:
    """The scenario's own requests from the same client on as many connections."""

    async def play(connection: Connection, request: bytes) -> None:
        await expect(answered.status, connection, request)

    return await drive(name, served, set(cores), answered.requests[:count], play, progress)
