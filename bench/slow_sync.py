"""A disk that is slow to sync, made of one that is not: a small library that is loaded first.

As a program it measures what a sync takes: `python -m bench.slow_sync FOLDER COUNT`.
"""

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from payment_service.kit.clock import monotonic

SOURCE = Path(__file__).with_name("slow_sync.c")
PAGE = b"\0" * 4096


class SlowSync:
    """What a process needs in its environment for its syncs to take longer, and their number."""

    def __init__(self, folder: Path, delay_ms: float) -> None:
        """Raises RuntimeError where there is no compiler."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise RuntimeError("slowing the disk needs a C compiler: apt-get install gcc libc6-dev")
        library, self._count = folder / "slow_sync.so", folder / "slow_sync.count"
        done = subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{SOURCE.name} does not compile: {done.stderr}")
        self._count.write_bytes(bytes(8))
        self.environment = {
            "LD_PRELOAD": str(library),
            "SLOW_SYNC_US": str(round(delay_ms * 1000)),
            "SLOW_SYNC_COUNT": str(self._count),
        }

    def count(self) -> int:
        """Syncs so far, of all processes that had this environment."""
        return int.from_bytes(self._count.read_bytes(), sys.byteorder)

    @contextmanager
    def for_children(self) -> Iterator[None]:
        """Processes that begin within the block get the environment by themselves."""
        os.environ.update(self.environment)
        try:
            yield
        finally:
            for name in self.environment:
                del os.environ[name]


def sync_ms(folder: Path, count: int, environment: dict[str, str]) -> float:
    """Milliseconds of one sync in a process of this environment: the median of so many."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.slow_sync", folder, str(count)],
        cwd=SOURCE.parents[1],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _measure(folder: Path, count: int) -> float:
    file, took = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY, 0o600), []
    for _ in range(count):
        os.write(file, PAGE)
        begun = monotonic()
        os.fdatasync(file)
        took.append(monotonic() - begun)
    os.close(file)
    return statistics.median(took) * 1000


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.stdout.write(f"{_measure(Path(sys.argv[1]), int(sys.argv[2]))}\n")
