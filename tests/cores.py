"""What others take of the machine's cores, as Linux tells."""

from pathlib import Path


def without_a_core(pid: int | None = None) -> float:
    """Seconds so far in which the first thread of that process, else this thread, was ready to run,
    and others ran. 0 where nothing tells."""
    told = Path("/proc") / (f"{pid}" if pid else "thread-self") / "schedstat"
    return int(told.read_text().split()[1]) / 1e9 if told.exists() else 0.0
