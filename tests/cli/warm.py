"""A process that has loaded every command and runs each in a copy of itself.

Loading takes a second and running mostly less than a tenth of one. What the copy runs is the
command's own `main`, with the folder, the environment and the files of whoever asks. Run as a
module it is that process; `Warm` is how a test asks it.
"""

import array
import atexit
import json
import os
import pkgutil
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import payment_service
from payment_service.cli import main

ASKED_BY = 3
"""The file descriptor on which it listens."""
LEFT_OUT = ("__main__", "payment_service.migrations.env")
"""They do their work when they are loaded."""


class Warm:
    """It ends with whoever started it."""

    def __init__(self) -> None:
        kept = {name: text for name, text in os.environ.items() if name in ("PATH", "HOME")}
        self._mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(
                ["/bin/bash", "-c", f'exec "$@" {ASKED_BY}<&{its.fileno()}', "bash",
                 sys.executable, "-m", "tests.cli.warm"],
                cwd=Path(__file__).parents[2],
                env=kept,
                stdin=subprocess.DEVNULL,
                pass_fds=(its.fileno(),),
            )  # fmt: skip
        atexit.register(self._end)

    def runs(
        self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str], stdin: str
    ) -> tuple[int, str, str]:
        """Exit code, and what it wrote to stdout and stderr."""
        words = json.dumps([arguments, str(folder), dict(environment)]).encode()
        files = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
        answer, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.write(files[0], stdin.encode())
            os.lseek(files[0], 0, os.SEEK_SET)
            with its:
                given = array.array("i", [*files, its.fileno()])
                rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, given)
                self._mine.sendmsg([words], [rights])
            with answer:
                answer.settimeout(60)
                code = int(answer.recv(16))
            return code, *(_content(file) for file in files[1:])  # type: ignore[return-value]
        finally:
            for file in files:
                os.close(file)

    def _end(self) -> None:
        self._mine.close()
        self._process.wait()


def _content(file: int) -> str:
    with os.fdopen(os.dup(file), "rb") as written:
        written.seek(0)
        return written.read().decode()


def _wait_for_work() -> NoReturn:
    for module in pkgutil.walk_packages(payment_service.__path__, "payment_service."):
        if not module.name.endswith(LEFT_OUT) and ".migrations.versions" not in module.name:
            import_module(module.name)
    mine = socket.socket(fileno=ASKED_BY)
    while True:
        words, files, _, _ = socket.recv_fds(mine, 1_000_000, 4)
        with suppress(ChildProcessError):  # those that have told how it went
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        if not words:
            os._exit(0)
        if os.fork() == 0:
            mine.close()
            _run_and_tell(json.loads(words), files)
        for file in files:
            os.close(file)


def _run_and_tell(asked: Any, files: list[int]) -> NoReturn:
    *standard, told = files
    child = os.fork()
    if child == 0:
        os.close(told)
        _run(asked, standard)
    _, status = os.waitpid(child, 0)
    os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(asked: Any, files: list[int]) -> NoReturn:
    arguments, folder, environment = asked
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["payment-service", *arguments]
    sys.modules["__main__"].__package__ = ""  # else the command is called by another name
    code: Any = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _wait_for_work()
