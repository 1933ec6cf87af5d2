"""Dockerfile and compose files, as far as that goes without a container engine."""

import re
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from payment_service.cli import COMMANDS
from payment_service.config import PREFIX, Settings, read_settings
from payment_service.kit.sqlite_connection import SAFE_VERSION
from tests.missing import not_tested_here
from tests.test_docs import section

DEPLOY = Path(__file__).parents[2] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSED = sorted(DEPLOY.glob("compose*.yaml"))
OWN = DEPLOY / "own.env"
GIVEN = {
    "SITE": "bayar.example.com",
    "POSTGRES_PASSWORD": "rahasia",
}

each_composed = pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)


def composed(path: Path) -> dict[str, Any]:
    """With what the machine gives in the place of `${…}`."""
    text = re.sub(r"\$\{(\w+)[^}]*\}", lambda found: GIVEN[found[1]], path.read_text())
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def ours(read: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that run our image."""
    return {name: one for name, one in read["services"].items() if "build" in one}


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        not_tested_here("no hadolint for the Dockerfile")
    # A compiler's version is Debian's affair.
    done = subprocess.run(
        [program, "--ignore=DL3008", "--no-color", DEPLOY / "Dockerfile"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_has_a_sqlite_that_loses_nothing() -> None:
    """On any machine: it is built, checked, and tried before the image is there."""
    makefile = (DEPLOY.parent / "Makefile").read_text()
    found = re.search(r"^SQLITE := sqlite-autoconf-(\d)(\d\d)(\d\d)00$", makefile, re.M)
    assert found is not None
    assert re.search(r"^SQLITE_SHA256 := [0-9a-f]{64}$", makefile, re.M)
    assert "\nRUN make sqlite install\n" in DOCKERFILE
    assert tuple(map(int, found.groups())) >= SAFE_VERSION


def test_the_image_does_not_run_as_root() -> None:
    [user] = re.findall(r"^USER (.+)$", DOCKERFILE, re.M)
    assert int(user) > 0
    assert f"--uid {user} " in DOCKERFILE


def test_the_image_listens_where_the_settings_say_and_is_heard_outside() -> None:
    port = Settings().port
    assert f"\nEXPOSE {port}\n" in DOCKERFILE
    [host] = re.findall(r"^ENV .*(?:\\\n.*)*PAYMENT_SERVICE_HOST=(\S+)$", DOCKERFILE, re.M)
    assert read_settings({"PAYMENT_SERVICE_HOST": host}).host == "0.0.0.0"
    assert f"127.0.0.1:{port}/healthz/ready" in DOCKERFILE


@each_composed
def test_a_service_runs_our_image_for_good_with_time_to_stop(path: Path) -> None:
    for name, service in ours(composed(path)).items():
        built = (
            path.parent / service["build"]["context"] / service["build"]["dockerfile"]
        ).resolve()
        assert built == DEPLOY / "Dockerfile"
        assert service.get("command", ["serve"])[0] in COMMANDS
        assert service["restart"] == ("on-failure" if name == "migrate" else "always")
        assert service["stop_grace_period"] == "30s"
        assert "data:/var/lib/payment-service" in service["volumes"]


@each_composed
def test_a_service_can_be_watched_by_the_check_of_the_image(path: Path) -> None:
    for name, service in ours(composed(path)).items():
        words = service.get("command", ["serve"])
        assert ("healthcheck" in service) is (words == ["migrate"]), name
        if words[0] == "worker":
            assert words[-2:] == ["--port", str(Settings().port)]


@each_composed
def test_a_setting_of_ones_own_needs_no_file_that_git_tracks(path: Path) -> None:
    """What stands there is passed on, but for what the others rest upon."""
    for service in ours(composed(path)).values():
        [own] = service["env_file"]
        assert own == {"path": "own.env", "required": False}
        assert (DEPLOY / own["path"]) == OWN
        fixed = {name for name in service["environment"] if name.startswith(PREFIX)}
        assert {name.removeprefix(PREFIX) for name in fixed} <= {
            "BASE_URL", "TRUSTED_PROXIES", "DATABASE_URL",
        }  # fmt: skip


def test_git_tracks_no_settings_of_ones_own() -> None:
    ignored = (DEPLOY.parent / ".gitignore").read_text().splitlines()
    assert {f"/deploy/{name}" for name in (OWN.name, ".env")} <= {*ignored}


@each_composed
def test_the_commands_of_the_page_are_of_services_that_there_are(path: Path) -> None:
    page = section((DEPLOY.parent / "docs" / "operations.md").read_text(), "### Docker")
    _, named, rest = page.partition(f"alias dc='docker compose -f deploy/{path.name}'")
    assert named
    told = re.findall(r"^    dc (exec|run|stop) (.+?)(?: +#.*)?$", rest.partition("alias")[0], re.M)
    read = composed(path)
    assert len(told) > 6
    for verb, line in told:
        words = [word for word in line.split() if not word.startswith("--") and word != "-T"]
        name = words[0]
        assert name in read["services"], line
        if verb == "run" and "--entrypoint=sh" not in line:
            assert [*words[1:], *read["services"][name].get("command", [])][0] in COMMANDS, line
        if words[1:2] == ["payment-service"]:
            assert words[2] in COMMANDS, line
        if name == "postgres":
            assert f"-U {read['services'][name]['environment']['POSTGRES_USER']} " in line


@each_composed
def test_a_service_believes_the_proxy_beside_it_and_nobody_else(path: Path) -> None:
    read = composed(path)
    network = read["networks"]["default"]["ipam"]["config"][0]["subnet"]
    for service in ours(read).values():
        told = {str(name): str(text) for name, text in service["environment"].items()}
        settings = read_settings(told)
        assert {name for name in told if name.startswith(PREFIX)} <= {
            PREFIX + name.upper() for name in Settings.model_fields
        }
        assert settings.trusted_proxies == network
        assert ip_network(network).is_private
        assert settings.origin == "https://bayar.example.com"
        assert "ports" not in service


@each_composed
def test_caddy_has_our_file_and_leads_to_the_service(path: Path) -> None:
    read = composed(path)
    caddy = read["services"]["caddy"]
    host, _, port = caddy["environment"]["UPSTREAM"].partition(":")
    assert host in ours(read)
    assert int(port) == Settings().port
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in caddy["volumes"]
    names = set(re.findall(r"\{\$(\w+)", (DEPLOY / "Caddyfile").read_text()))
    assert names == {"SITE", "UPSTREAM"}
    assert caddy["environment"].keys() == names
