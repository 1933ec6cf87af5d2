"""The demo plays the whole route, says where it breaks, and leaves nothing behind."""

import fcntl
import json
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from payment_service.cli.demo.ports import KNOWN
from tests.demo.copy import running
from tests.missing import not_tested_here

STEPS = {
    "register the app",
    "start the gateway simulator",
    "start the service",
    "start BukuBengkel",
    "add two plans",
    "sign up in BukuBengkel",
    "choose a plan",
    "see the code on BukuBengkel's pay page",
    "be kept out before paying",
    "see the code on the service's pay page",
    "scan and pay at the gateway",
    "find the invoice paid on the pay page",
    "find the subscription active",
    "be let in by the signed webhook",
}
LINE = re.compile(r"✓ +\d+ ms  (?P<step>[^:]+): .+")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def known_ports_are_ours() -> Iterator[None]:
    """One test at a time has the ports that people know; skipped where others use them."""
    with ExitStack() as held:
        lock = Path(tempfile.gettempdir(), "payment-service-tests-known-ports.lock")
        fcntl.flock(held.enter_context(lock.open("w")), fcntl.LOCK_EX)
        for port in (KNOWN.service, KNOWN.simulator, KNOWN.bukubengkel):
            try:
                socket.create_server(("127.0.0.1", port)).close()
            except OSError:
                not_tested_here(f"port {port}, which the demo needs, is in use")
        yield


def steps_in(printed: list[str]) -> list[str]:
    return [found["step"] for line in printed if (found := LINE.fullmatch(line))]


def test_two_copies_side_by_side_each_play_every_step_and_leave_nothing(tmp_path: Path) -> None:
    with running(tmp_path, "--once") as told, running(tmp_path, "--once", "--json") as document:
        assert told.end() == (0, [])
        assert document.end() == (0, [])

        *lines, total = told.printed
        assert sorted(steps_in(lines)) == sorted(STEPS)
        assert len(lines) == len(STEPS)
        assert re.fullmatch(r"✓ +\d+ ms  from nothing to a paid, active tenant", total)

        played = json.loads("\n".join(document.printed))
        assert played["ok"] is True
        assert played["failed"] is None
        assert {step["name"] for step in played["steps"]} == STEPS
        assert all(0 <= step["milliseconds"] <= played["milliseconds"] for step in played["steps"])
        assert told.leftovers() + document.leftovers() == []


@pytest.mark.parametrize(
    ("party", "word", "step"),
    [
        ("simulator", "simulate-pakasir", "start the gateway simulator"),
        ("service", "serve", "start the service"),
    ],
)
def test_a_party_that_dies_midway_is_named_with_the_step_that_failed(
    party: str, word: str, step: str, tmp_path: Path
) -> None:
    with running(tmp_path, "--once") as copy:
        with copy.held():
            copy.read_until(step)
            copy.kill_party(word)
        code, said = copy.end()
        assert code == 1
        failed = re.fullmatch(
            rf"payment-service: step “(.+)” failed: .+; {party} has ended", said[-1]
        )
        assert failed, said
        assert failed[1] in STEPS - set(steps_in(copy.printed))
        assert not any("Traceback" in line for line in said)
        assert copy.leftovers() == []


def test_a_failure_is_in_the_document_too(tmp_path: Path) -> None:
    with running(tmp_path, "--once", "--json") as copy:
        while not any("serve" in words for words in copy.alive().values()):
            assert copy.alive()
        copy.kill_party("serve")
        code, said = copy.end()
        assert code == 1
        played = json.loads("\n".join(copy.printed))
        assert (played["ok"], played["failed"]) == (False, "start the service")
        assert said[-1].startswith("payment-service: step “start the service” failed: ")
        assert copy.leftovers() == []


def test_who_ends_the_play_midway_ends_every_party(tmp_path: Path) -> None:
    with running(tmp_path, "--once") as copy:
        copy.read_until("register the app")
        while len(copy.alive()) <= 2:
            time.sleep(0.01)
        copy.terminate()
        assert copy.end() == (130, ["payment-service: interrupted"])
        assert copy.leftovers() == []


@pytest.mark.usefixtures("known_ports_are_ours")
@pytest.mark.parametrize("said", ["Setting up", "until you press Ctrl-C"])
def test_ctrl_c_ends_every_party(said: str, tmp_path: Path) -> None:
    with running(tmp_path) as copy:
        copy.read_until(said)
        copy.press_ctrl_c()
        assert copy.end() == (0, [])
        assert copy.leftovers() == []


@pytest.mark.usefixtures("known_ports_are_ours")
def test_a_used_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", KNOWN.service)), running(tmp_path) as copy:
        code, said = copy.end()
        assert code == 1
        assert copy.printed == []
        [line] = said
        assert line.startswith("payment-service: port 5005 is in use")
        assert copy.leftovers() == []
