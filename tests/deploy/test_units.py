"""The units of systemd: they name what is there, and shut the service in."""

import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from payment_service.cli import COMMANDS
from payment_service.config import Settings
from tests.missing import not_tested_here

DEPLOY = Path(__file__).parents[2] / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))
SOCKETS = sorted(DEPLOY.glob("*.socket"))
MOST_EXPOSED = 20
"""Tenths: from 0 for shut in to 100 for open."""


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def instance_of(path: Path) -> str:
    return path.name.replace("@.", "@5005.")


def analyze(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None:
        not_tested_here("no systemd-analyze for the units", required_by="REQUIRE_SYSTEMD")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


@each(SERVICES)
def test_a_unit_runs_a_command_that_exists_and_not_as_root(path: Path) -> None:
    service = unit(path)["Service"]
    program, command, *_ = shlex.split(service["ExecStart"])
    assert program == "/opt/payment-service/bin/payment-service"
    assert command in COMMANDS
    assert service["User"] not in ("", "root")


@each(SERVICES)
def test_every_unit_has_the_same_user_folder_and_settings(path: Path) -> None:
    first, this = unit(DEPLOY / "payment-service.service")["Service"], unit(path)["Service"]
    for name in ("User", "WorkingDirectory", "StateDirectory", "Environment", "EnvironmentFile"):
        assert this[name] == first[name]


def shutting_in(path: Path) -> str:
    """From the first line that shuts it in to the last."""
    _, first, below = path.read_text().partition("\nProtectSystem=")
    return first + below.partition("\n\n")[0].rstrip("\n")


@each(SERVICES)
def test_every_unit_is_shut_in_by_the_same_lines(path: Path) -> None:
    lines = shutting_in(path)
    assert len(lines.splitlines()) > 25
    assert lines == shutting_in(DEPLOY / "payment-service.service")


@each(SERVICES)
def test_a_unit_is_shut_in(path: Path) -> None:
    found = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", path)
    assert found.returncode == 0, found.stdout + found.stderr


@each(TIMERS)
def test_a_timer_has_its_service_and_makes_up_for_missed_days(path: Path) -> None:
    assert path.with_suffix(".service").exists()
    assert unit(path)["Timer"]["Persistent"] == "true"


def test_the_socket_is_where_the_proxy_and_the_settings_look_for_the_service() -> None:
    defaults = Settings()
    address = f"{defaults.host}:{defaults.port}"
    assert unit(DEPLOY / "payment-service.socket")["Socket"]["ListenStream"] == address
    assert f":{address}}}" in (DEPLOY / "Caddyfile").read_text()


@pytest.mark.parametrize("name", ["payment-service", "payment-service-web@"])
def test_a_service_that_answers_has_the_socket_of_its_name(name: str) -> None:
    needed = unit(DEPLOY / f"{name}.service")["Unit"]["Requires"].replace("%i", "")
    assert (DEPLOY / needed).exists()
    assert needed == f"{name}.socket"


@pytest.mark.parametrize(
    "name", ["payment-service", "payment-service-web@", "payment-service-worker@"]
)
def test_what_stays_has_the_time_that_it_takes_to_stop(name: str) -> None:
    """It ends within 25 s."""
    service = unit(DEPLOY / f"{name}.service")["Service"]
    assert int(service["TimeoutStopSec"].removesuffix("s")) > 25


@each([*SERVICES, *TIMERS, *SOCKETS])
def test_systemd_finds_no_fault(path: Path, tmp_path: Path) -> None:
    """In those of which there may be several it looks with a port in their name."""
    for one in (*SERVICES, *TIMERS, *SOCKETS):
        shutil.copyfile(one, tmp_path / instance_of(one))
    found = analyze("verify", "--recursive-errors=no", tmp_path / instance_of(path))
    assert [line for line in found.stderr.splitlines() if "is not executable" not in line] == []
