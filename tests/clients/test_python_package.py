"""The Python client stands by itself: its wheel is whole, and neither side imports the other."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import payment_service_client
from payment_service_client.records import Record

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "clients" / "python"
CLIENT = sorted((FOLDER / "src").rglob("*.py"))
SERVICE = sorted((ROOT / "src").rglob("*.py"))


def imported(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield (node.module or "").partition(".")[0]


def test_neither_side_imports_the_other() -> None:
    assert "payment_service" not in set(imported(CLIENT))
    assert not {"payment_service_client", "httpx"} & set(imported(SERVICE))


@pytest.mark.parametrize("path", CLIENT, ids=lambda path: path.name)
def test_a_module_is_short_and_opens_with_what_lives_in_it(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))


def test_its_wheel_is_typed_and_names_all_that_it_needs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=FOLDER, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as held:
        names = set(held.namelist())
        (metadata,) = [name for name in names if name.endswith("METADATA")]
        told = held.read(metadata).decode()
    assert "payment_service_client/py.typed" in names
    for path in CLIENT:
        assert str(path.relative_to(FOLDER / "src")) in names
    known = set(sys.stdlib_module_names) | {"payment_service_client"}
    for name in set(imported(CLIENT)) - known:
        assert f"Requires-Dist: {name}" in told, name


def test_whatever_it_gives_can_be_named_in_an_annotation() -> None:
    given, waiting = set(), [Record]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        given.add(kind.__name__.partition("[")[0])
    assert given <= set(payment_service_client.__all__)
