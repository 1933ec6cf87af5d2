"""`payment-service simulate-pakasir`: its help, what it refuses, and a fault that was asked for."""

import json
from http.client import HTTPConnection
from pathlib import Path

import pytest

from payment_service.cli.simulator import read_fault
from payment_service.kit.errors import CannotStart
from payment_service.outside.simulator.faults import KINDS, Fault
from tests.cli.commands import Operator

COMMAND = ("simulate-pakasir", "--project", "toko", "--api-key", "k", "--port", "0")
HOOK = ("--webhook-url", "http://127.0.0.1:9/")


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


def test_its_help_has_an_example_every_option_and_every_kind_of_fault(operator: Operator) -> None:
    said = operator.runs("simulate-pakasir", "--help").out

    assert "Example: payment-service simulate-pakasir --port" in said
    for option in (
        "project", "api-key", "webhook-url", "webhook-secret", "port", "api", "sandbox", "live",
        "fees", "fee-rounding", "code-minutes", "limits", "no-limits", "fault", "fault-seconds",
        "seed",
    ):  # fmt: skip
        assert f" --{option} " in said
    assert [kind for kind in KINDS if kind not in said] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([*HOOK], ["--webhook-secret is missing"]),
        ([*HOOK, "--webhook-secret", ""], ["--webhook-secret is missing"]),
        ([*HOOK, "--webhook-secret", "s", "--api-key", ""], ["--api-key is empty"]),
        ([*HOOK, "--webhook-secret", "s", "--project", "a/b"], ["--project"]),
        (["--webhook-url", "example.com", "--webhook-secret", "s"], ["--webhook-url", "http"]),
        ([*HOOK, "--webhook-secret", "s", "--fault", "nope"], ["nope", "slow", "notice_lost"]),
        ([*HOOK, "--webhook-secret", "s", "--fault", "slow=0%"], ["slow=0%", "rate"]),
        ([*HOOK, "--webhook-secret", "s", "--fault", "slow=110%"], ["slow=110%", "rate"]),
        ([*HOOK, "--webhook-secret", "s", "--fault", "slow=often"], ["KIND=N%"]),
    ],
)
def test_a_bad_option_is_refused_in_one_line(
    operator: Operator, options: list[str], words: list[str]
) -> None:
    assert operator.runs(*COMMAND, *options).refused(*words)


@pytest.mark.parametrize(
    "option",
    [("--api", "v3"), ("--fees", "nobody"), ("--fee-rounding", "x"), ("--code-minutes", "0"),
     ("--seed", "x"), ("--port", "99999"), ("--fault-seconds", "-1")],
)  # fmt: skip
def test_a_value_that_an_option_does_not_have_is_refused(
    operator: Operator, option: tuple[str, str]
) -> None:
    done = operator.runs(*COMMAND, *HOOK, "--webhook-secret", "s", *option)

    assert (done.code, done.out) == (2, "")
    assert f"Invalid value for '{option[0]}'" in done.err
    assert "Traceback" not in done.err


def test_a_fault_is_a_kind_and_how_often() -> None:
    assert read_fault("slow") == Fault(kind="slow")
    assert read_fault("too_many=2.5%") == Fault(kind="too_many", rate=0.025)
    with pytest.raises(CannotStart):
        read_fault("slow=10")


def test_the_faults_it_is_given_are_set(operator: Operator) -> None:
    process = operator.starts(
        *COMMAND, *HOOK, "--api", "v1", "--live", "--fault", "slow=10%", "--seed", "7"
    )
    try:
        assert process.stderr is not None
        address = next(line for line in process.stderr if "simulator on " in line).split()[-1]
        connection = HTTPConnection(address.removeprefix("http://"), timeout=5)
        connection.request("GET", "/admin/faults", headers={"X-Api-Key": "k"})
        told = json.load(connection.getresponse())
        connection.close()
    finally:
        process.terminate()
        process.communicate(timeout=10)

    assert told["seed"] == 7
    assert [(one["kind"], one["rate"]) for one in told["faults"]] == [("slow", 0.1)]
