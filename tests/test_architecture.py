"""The floors, and the house rules that a review would forget."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "payment_service"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.stat().st_size)
MIGRATIONS = PACKAGE / "migrations" / "versions"
ACTIONS = sorted((PACKAGE / "actions").glob("[!_]*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))

CLOCKS = {
    f"{owner}.{verb}"
    for owner, verbs in {
        "datetime": ("now", "utcnow", "today"),
        "date": ("today",),
        "time": (
            "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns",
            "gmtime", "localtime",
        ),
    }.items()
    for verb in verbs
}  # fmt: skip
FORBIDDEN_WORDS = {"utils", "util", "manager", "helper", "helpers", "service", "misc", "common"}
ORDINARY = {"payment_service"}  # the name of the product


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=name_of)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def words(name: str) -> set[str]:
    """`WebhookClient` and `webhook_client` are both webhook and client."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def dotted(node: ast.expr) -> str:
    """The last two names of `a.b.c`: `b.c`."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def clock_readings(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and dotted(node) in CLOCKS:
            yield f"{dotted(node)} at line {node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if f"time.{alias.name}" in CLOCKS:
                    yield f"{alias.name} imported at line {node.lineno}"


def test_a_floor_imports_only_what_is_below_it() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@each([path for path in MODULES if name_of(path) != "src/payment_service/kit/clock.py"])
def test_only_the_clock_reads_the_time(path: Path) -> None:
    assert list(clock_readings(path)) == []


@each(ACTIONS)
def test_an_action_is_given_now_or_a_clock(path: Path) -> None:
    imported = {
        alias.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module == "payment_service.kit.clock"
        for alias in node.names
    }
    assert imported <= {"Clock"}


@each(MODULES)
def test_a_module_is_short_and_opens_with_what_lives_in_it(path: Path) -> None:
    if path.parent != MIGRATIONS:  # a migration is as long as its tables
        assert len(path.read_text().splitlines()) <= 300
    assert ast.get_docstring(parsed(path))


@each(MODULES)
def test_imports_stand_at_the_top(path: Path) -> None:
    inside = [
        node.lineno
        for function in ast.walk(parsed(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


@each(MODULES)
def test_names_say_what_a_thing_is(path: Path) -> None:
    names = {part.removesuffix(".py") for part in path.relative_to(PACKAGE).parts}
    names |= {node.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)}
    vague = {name for name in names - ORDINARY if words(name) & FORBIDDEN_WORDS}
    assert vague == set()


@each(TESTS)
def test_tests_pass_things_in_and_replace_nothing_of_ours(path: Path) -> None:
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            modules = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                modules.append(node.module or "")
            found += [name for name in modules if name.split(".")[-1] == "mock"]
        if isinstance(node, ast.Attribute) and dotted(node) in (
            "monkeypatch.setattr", "monkeypatch.delattr", "monkeypatch.setitem",
        ):  # fmt: skip
            found.append(f"{dotted(node)} at line {node.lineno}")
    assert found == []


@each([path for path in (ROOT / "tests").rglob("*") if path.is_dir() and [*path.glob("*.py")]])
def test_a_folder_of_tests_is_a_package(path: Path) -> None:
    assert (path / "__init__.py").exists()  # else two files of one name hide each other


@each(REQUIREMENTS)
def test_every_pin_has_its_hashes_and_no_index_is_named(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert not [line for line in lines if re.search(r"--(extra-)?index-url|--find-links|//", line)]
    pins = re.findall(r"^(\S+)==\S+.*?((?:\\\n\s+--hash=sha256:[0-9a-f]{64} ?)*)$",
                      path.read_text(), re.MULTILINE)  # fmt: skip
    assert len(pins) == sum(1 for line in lines if line and line[0] not in " #-")
    assert [name for name, hashes in pins if not hashes] == []


def test_what_runs_is_pinned_alike_for_running_and_developing() -> None:
    pins = {
        path.stem: set(re.findall(r"^(\S+==\S+)", path.read_text(), re.MULTILINE))
        for path in REQUIREMENTS
    }
    assert pins["runtime"] <= pins["dev"]


def test_the_rules_here_see_what_they_forbid(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from time import monotonic\nimport datetime\n"
        "late = datetime.datetime.now()\nday = datetime.date.today()\n"
    )
    assert len(list(clock_readings(bad))) == 3
    assert words("HTTPHelper") & FORBIDDEN_WORDS
    assert words("invoice_utils") & FORBIDDEN_WORDS
    assert not words("WebhookClient") & FORBIDDEN_WORDS
