"""The service in a process of its own, until a block ends."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]


class Served(msgspec.Struct, frozen=True):
    """Where the service is, and a key of each app that may do everything."""

    origin: str
    keys: dict[str, str]


@contextmanager
def served_apart(database_url: str, folder: Path) -> Iterator[Served]:
    """`folder` is for what its gateway keeps."""
    command = [sys.executable, "-m", "tests.contract.served", database_url, str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield msgspec.json.decode(process.stdout.readline(), type=Served)
        finally:
            process.stdin.close()
            assert process.wait(30) == 0
