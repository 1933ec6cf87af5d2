"""What the operator of a server gets: a file with settings, and a command that reads it."""

import re
import subprocess
from pathlib import Path

from payment_service.config import read_settings
from tests.deploy.test_units import unit

DEPLOY = Path(__file__).parents[2] / "deploy"
COMMAND = DEPLOY / "payment-service"
SETTINGS = DEPLOY / "payment-service.env"
SERVICE = unit(DEPLOY / "payment-service.service")["Service"]


def as_a_shell_reads(text: str) -> dict[str, str]:
    done = subprocess.run(
        ["sh", "-c", "set -a; . /dev/stdin; env"],
        env={}, input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if line[:1].isupper())


def test_the_settings_can_be_used_as_they_stand_and_with_every_line_turned_on() -> None:
    text = SETTINGS.read_text()
    told = as_a_shell_reads(text)
    assert read_settings(told).origin == "https://bayar.example.com"
    turned_on = as_a_shell_reads(re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.M))
    assert len(turned_on) > len(told) + 4
    settings = read_settings(turned_on)
    assert settings.database_url.startswith("postgresql:")


def test_systemd_and_a_shell_read_the_same_of_it() -> None:
    """What stands between single quotes is taken as it is by both."""
    lines = [line for line in SETTINGS.read_text().splitlines() if "=" in line]
    assert [line for line in lines if not re.fullmatch(r"#?[A-Z_]+='[^']*'", line)] == []


def test_a_command_runs_as_the_service_does() -> None:
    script = COMMAND.read_text()
    assert f"\n. {SERVICE['EnvironmentFile'].removeprefix('-')}\n" in script
    assert f"\nexport {SERVICE['Environment']}\n" in script
    assert f"\ncd {SERVICE['WorkingDirectory']}\n" in script
    program = SERVICE["ExecStart"].split()[0]
    assert f'\nexec runuser -u {SERVICE["User"]} -- {program} "$@"\n' in script


def test_every_file_that_the_guide_installs_is_there_or_ones_own() -> None:
    own = {line.strip("/") for line in (DEPLOY.parent / ".gitignore").read_text().splitlines()}
    text = (DEPLOY.parent / "docs" / "operations.md").read_text()
    named = set(re.findall(r"deploy/[\w.*-]+[\w*]", text)) - own
    assert len(named) > 6
    for name in named:
        assert [*DEPLOY.parent.glob(name)], name
