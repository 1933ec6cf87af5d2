"""The files in deploy/ name what is there."""

import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from payment_service.cli import COMMANDS
from tests.missing import not_tested_here

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", [p for p in UNITS if p.suffix == ".service"], ids=str)
def test_a_unit_runs_a_command_that_exists_and_not_as_root(path: Path) -> None:
    service = unit(path)["Service"]
    program, command, *_ = shlex.split(service["ExecStart"])
    assert program.endswith("/payment-service")
    assert command in COMMANDS
    assert service["User"] not in ("", "root")


@pytest.mark.parametrize("path", [p for p in UNITS if p.suffix == ".timer"], ids=str)
def test_a_timer_has_its_service_and_makes_up_for_missed_days(path: Path) -> None:
    assert path.with_suffix(".service").exists()
    assert unit(path)["Timer"]["Persistent"] == "true"


@pytest.mark.parametrize("path", UNITS, ids=str)
def test_systemd_finds_no_fault(path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        not_tested_here("no systemd-analyze for the units")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    faults = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert faults == []
