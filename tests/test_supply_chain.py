"""What comes from others: how much of it, by which hashes, and the list that is made of it."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.spdx import is_expression, is_supported_id
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[1]
INSTALLERS = ("Makefile", ".ci/run", "deploy/Dockerfile")
NODE = ROOT / "tests" / "node"
MOST = 32
"""Libraries that the service itself asks for."""
MOST_READ = 12
"""Licences that we read in a package, because it declares none by its name in SPDX."""

Hashes = dict[tuple[str, str], set[str]]
"""Of each name and version."""


def name_in(requirement: str) -> str:
    return re.split(r"[^a-z0-9-]", requirement, maxsplit=1)[0]


def pinned() -> Hashes:
    text = (ROOT / "requirements" / "runtime.txt").read_text()
    pins = re.findall(r"^(\S+)==([^\s;]+)(.*)$", text.replace("\\\n", ""), re.MULTILINE)
    return {
        (name, version): set(re.findall(r"--hash=sha256:([0-9a-f]{64})", rest))
        for name, version, rest in pins
    }


def listed(document: dict[str, Any]) -> Hashes:
    return {
        (part["name"], part["version"]): {
            one["content"]
            for reference in part["externalReferences"]
            for one in reference["hashes"]
            if one["alg"] == "SHA-256"
        }
        for part in document["components"]
    }


def unpinned(script: str) -> list[str]:
    """Commands that would install what no hash was compared with. Debian signs its packages."""
    found = []
    for command in re.split(r"\n|&&|\|\||;", script.replace("\\\n", " ")):
        if re.search(r"\bpip (install|sync)\b|\buv build\b", command):
            of_the_checkout = re.search(
                r" --no-deps (--no-build-isolation )?(-e \.|dist/)", command
            )
            if not of_the_checkout and "--require-hashes" not in command:
                found.append(command.strip())
        fetched = re.search(r"\b(curl|wget)\b.*\bhttp", command)
        if fetched and "sha256sum --check" not in script:
            found.append(command.strip())
        # `npm ci` refuses what differs from the lock; the rest asks what is newest.
        if re.search(r"\bnpm (i|install|add|exec)\b|\bnpx\b|\b(uv tool|pipx|uvx) ", command):
            found.append(command.strip())
    return found


def test_the_service_asks_for_few_libraries_and_for_those_that_are_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {name_in(one) for one in project["dependencies"]}
    lines = (ROOT / "requirements" / "runtime.in").read_text().splitlines()
    assert asked == {name_in(line) for line in lines}
    assert len(lines) == len(project["dependencies"]) <= MOST
    assert asked <= {name for name, _ in pinned()}


def test_nothing_is_installed_without_its_hash() -> None:
    for name in INSTALLERS:
        assert unpinned((ROOT / name).read_text()) == [], name


def test_the_rule_sees_what_it_forbids() -> None:
    for bad in (
        "python -m pip install --quiet uv",
        "uv pip install --no-deps x",
        "uv build --wheel .",
        "true && npm install --silent",
        "npx tsc",
        "curl -fsSL --output x https://example.com/x",
    ):
        assert unpinned(bad), bad


def test_every_package_of_npm_has_its_hash_and_no_registry_is_named() -> None:
    wanted = json.loads((NODE / "package.json").read_text())["dependencies"]
    packages = json.loads((NODE / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["dependencies"] == wanted
    assert {name.removeprefix("node_modules/") for name in packages} >= set(wanted)
    assert [
        name for name, one in packages.items() if not one["integrity"].startswith("sha512-")
    ] == []
    assert [name for name, one in packages.items() if "resolved" in one] == []


def made_bill(tmp_path: Path) -> str:
    written = tmp_path / "sbom.json"
    # Under `make test` make has told those below it about itself; and no network is asked.
    plain = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        ["make", "sbom", "--old-file=.venv/.ready", f"BIN={Path(sys.executable).parent}",
         f"SBOM={written}"],
        cwd=ROOT, env=plain | nowhere, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return written.read_text()


def licences(part: dict[str, Any]) -> list[tuple[str, str]]:
    """Each with how it is known."""
    return [
        (one.get("expression") or one["license"]["id"],
         one.get("acknowledgement") or one["license"]["acknowledgement"])
        for one in part["licenses"]
    ]  # fmt: skip


def test_the_bill_of_materials_has_every_pin_with_its_hashes_and_its_licence(
    tmp_path: Path,
) -> None:
    text = made_bill(tmp_path)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    described = document["metadata"]["component"]
    assert (document["bomFormat"], described["name"]) == ("CycloneDX", project["name"])
    assert described["version"] == project["version"]
    assert listed(document) == pinned()
    assert all(listed(document).values())
    read = {}
    for part in document["components"]:
        ((licence, known),) = licences(part)
        assert is_supported_id(licence) or is_expression(licence), part["name"]
        if known == "concluded":
            (read[part["name"]],) = (one["value"] for one in part["properties"])
        else:
            assert known == "declared"
    assert len(read) <= MOST_READ
    assert all(read.values())
    for place in (str(ROOT), str(Path.home()), "/simple", "pypi.org"):
        assert place not in text
    assert made_bill(tmp_path) == text


def test_git_keeps_no_bill_of_materials() -> None:
    made = re.search(r"^SBOM \?= (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert made is not None
    assert f"/{made[1].split('/')[0]}/" in (ROOT / ".gitignore").read_text().splitlines()
