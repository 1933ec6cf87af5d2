"""One run of `payment-service demo` in a session of its own, so that no process of it hides."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

COMMAND = Path(sys.executable).with_name("payment-service")
PROC = Path("/proc")


class Copy:
    """A running demo. `folder` is all it has for temporary files."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder / "temporary"
        self.folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [COMMAND, "demo", *options],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self.printed: list[str] = []

    def read_until(self, words: str) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.printed.append(line.rstrip("\n"))
            if words in line:
                return
        raise AssertionError(f"it ended before it said {words!r}: {self.end()}")

    def end(self) -> tuple[int, list[str]]:
        """The exit code and what it said on stderr, when it has ended; the rest is in `printed`."""
        printed, said = self._process.communicate(timeout=100)
        self.printed += printed.splitlines()
        return self._process.returncode, said.splitlines()

    def press_ctrl_c(self) -> None:
        """What a terminal does: everybody in the foreground is told."""
        os.killpg(self._process.pid, signal.SIGINT)

    def terminate(self) -> None:
        self._process.terminate()

    def kill_party(self, word: str) -> None:
        """Kill -9 the one whose command line has that word."""
        [pid] = [pid for pid, words in self.alive().items() if word in words]
        os.kill(pid, signal.SIGKILL)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within it BukuBengkel stands still, without which no play comes to its end."""
        while not (pids := [p for p, w in self.alive().items() if w[1:3] == ["-m", "bukubengkel"]]):
            time.sleep(0.005)
        os.kill(pids[0], signal.SIGSTOP)
        yield
        os.kill(pids[0], signal.SIGCONT)

    def alive(self) -> dict[int, list[str]]:
        """Every living process of its session, also those whose parent has gone."""
        found = {}
        for entry in PROC.glob("[0-9]*"):
            with suppress(OSError):
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(session) == self._process.pid and state != "Z":
                    found[int(entry.name)] = (entry / "cmdline").read_text().split("\0")
        return found

    def leftovers(self) -> list[str]:
        return [" ".join(words) for words in self.alive().values()] + os.listdir(self.folder)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Copy]:
    """A copy that is gone with all its parties when the block ends."""
    copy = Copy(folder, *options)
    try:
        yield copy
    finally:
        for pid in copy.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        copy.end()
