"""Running the operator's commands as processes of their own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from payment_service.kit.clock import monotonic
from tests.cli.warm import Warm

COMMAND = Path(sys.executable).parent / "payment-service"
READY_SECONDS = 90


warm = cache(Warm)


class Done(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def refused(self, *words: str) -> bool:
        """Not zero, nothing on stdout, one line on stderr with these words and no traceback."""
        assert self.code != 0, self
        assert self.out == "", self
        assert len(self.err.splitlines()) == 1, self.err
        assert self.err.startswith("payment-service: "), self.err
        assert all(word in self.err for word in words), self.err
        return True


class Operator:
    """Somebody at a terminal, with their settings and their folder."""

    command: tuple[str | Path, ...] = (COMMAND,)
    within: tuple[str, ...] = ()
    """What its commands are run by: another view of the machine's disks, for one."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = settings

    def environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        given = {name: text for name, text in os.environ.items() if name in ("PATH", "HOME")}
        named = {**self.settings, **changes}
        return {**given, **{f"PAYMENT_SERVICE_{n.upper()}": text for n, text in named.items()}}

    def runs(self, *arguments: str, stdin: str = "", **changes: str) -> Done:
        """A command, to its end. `changes` are settings for this once."""
        environment = self.environment(changes)
        if not self.within and self.command == (COMMAND,):
            return Done(*warm().runs(arguments, self.folder, environment, stdin))
        done = subprocess.run(
            [*self.within, *self.command, *arguments],
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def starts(self, *arguments: str, **changes: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self.within, *self.command, *arguments],
            cwd=self.folder,
            env=self.environment(changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def serving(
        self,
        door: socket.socket | None = None,
        *,
        port: int = 0,
        with_worker: bool = True,
        **changes: str,
    ) -> Iterator["Serving"]:
        """A running `serve` on that port, else a free one, or on a socket that it is passed, as
        systemd does it; killed at the end if it still runs."""
        options = () if with_worker else ("--no-worker",)
        log = (self.folder / "serve.log").open("a+")
        log.seek(0, os.SEEK_END)
        began_at = log.tell()
        process = subprocess.Popen(
            [*self.within, *passing(door), *self.command, "serve", "--port", str(port), *options],
            cwd=self.folder,
            env=self.environment(changes),
            stdout=log,
            stderr=log,
            pass_fds=(door.fileno(),) if door else (),
        )
        try:
            yield Serving(process, self._address(process, began_at))
        finally:
            process.kill()
            process.wait()
            log.close()

    def _address(self, process: "subprocess.Popen[bytes]", began_at: int) -> str:
        ends = monotonic() + READY_SECONDS
        while monotonic() < ends:
            said = (self.folder / "serve.log").read_text()[began_at:]
            for line in said.splitlines():
                if "listening on " in line:
                    return line.rpartition(" ")[2]
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise NotStarted(f"serve did not start: {said}", process.poll())


def begins(worker: "subprocess.Popen[str]") -> None:
    """Until it says that it runs."""
    assert worker.stderr is not None
    said = ""
    while "the worker is running" not in said:
        said = worker.stderr.readline()
        assert said, "the worker ended before it began"


class NotStarted(AssertionError):
    """What it said, and the code with which it ended, if it did."""


def passing(door: socket.socket | None) -> list[str]:
    """What a command is put behind so that it gets a socket by the protocol of systemd."""
    if door is None:
        return []
    words = f'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&{door.fileno()}'
    return ["bash", "-c", words, "bash"]


class Serving(NamedTuple):
    """The service as a process."""

    process: "subprocess.Popen[bytes]"
    origin: str
