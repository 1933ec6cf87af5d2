"""The documentation says what the code does: names in one stand in the other."""

import ast
import re
import tomllib
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from payment_service.actions.check_invariants import NAMES
from payment_service.cli import COMMANDS
from payment_service.config import PREFIX, Settings
from payment_service.kit.clock import SystemClock
from payment_service.kit.machine import Machine
from payment_service.model.alert import GATEWAY_ALERTS, Kind
from payment_service.model.event import EventType
from payment_service.web.catalogue import CODES
from payment_service.web.catalogue.page import errors_page
from tests.service import running_service
from tests.source import calls

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "payment_service"
DOCS = [
    *(
        ROOT / name
        for name in ("README.md", "STYLE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
    ),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
    *sorted((ROOT / "clients").glob("*/README.md")),
    *sorted((ROOT / "bench").glob("*.md")),
]
SOURCE_ENDINGS = ("py", "md", "toml", "txt", "in", "css", "js", "html", "po", "png", "svg", "ini")

each_doc = pytest.mark.parametrize("doc", DOCS, ids=lambda doc: str(doc.relative_to(ROOT)))


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one that is not below it."""
    level = heading.count("#")
    _, _, below = text.partition(f"\n{heading}\n")
    return re.split(rf"^#{{1,{level}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every row that begins with a name in backticks."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_setting_is_in_the_table_with_its_default() -> None:
    told = {quoted(row[0])[0]: row[1] for row in rows(text_of("docs/settings.md"))}
    for name, field in Settings.model_fields.items():
        default = "none" if field.default in (None, "") else f"`{field.default}`"
        assert told.get(PREFIX + name.upper()) == default


def test_the_settings_page_names_nothing_that_is_not_read() -> None:
    read = {PREFIX + name.upper() for name in Settings.model_fields}
    for call in calls():
        read |= {
            str(word.value.value)
            for word in call.keywords
            if word.arg == "envvar" and isinstance(word.value, ast.Constant)
        }
    assert set(re.findall(PREFIX + r"[A-Z_]+", text_of("docs/settings.md"))) == read


def test_the_page_of_errors_is_as_the_catalogue_writes_it() -> None:
    assert text_of("docs/errors.md") == errors_page(), "make docs"


def test_every_event_is_told_and_no_other() -> None:
    table = rows(section(text_of("docs/api.md"), "## Events"))
    assert {name for row in table for name in quoted(row[0])} == set(get_args(EventType))


def test_events_that_are_told_to_be_sent_are_made_somewhere() -> None:
    """And those that are not sent yet are made nowhere."""
    made = {
        node.value
        for floor in ("actions", "books")
        for path in sorted((PACKAGE / floor).glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in get_args(EventType)
    }
    table = rows(section(text_of("docs/api.md"), "## Events"))
    told = {name for row in table if row[2] for name in quoted(row[0])}
    assert told == made


def test_every_library_is_explained() -> None:
    table = section(text_of("docs/architecture.md"), "## Building blocks")
    told = {
        name.strip()
        for line in table.splitlines()
        if line.startswith("|") and all(cell.strip() for cell in line.strip("|").split("|"))
        for name in line.strip("|").split("|")[0].split(",")
    }
    for name in ("runtime.in", "dev.in", "uv.in"):
        wanted = re.findall(r"^([a-z][a-z0-9-]*)", text_of(f"requirements/{name}"), re.MULTILINE)
        assert [library for library in wanted if library not in told] == []


def test_the_tree_is_as_it_is_drawn() -> None:
    drawn = re.search(r"```tree\n(.*?)```", text_of("docs/architecture.md"), re.DOTALL)
    assert drawn is not None
    folders: list[Path] = []
    named = set()
    for line in drawn[1].splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        path = folders[depth - 1] / name if depth else ROOT / name
        assert path.is_dir() if name.endswith("/") else path.is_file(), line
        folders[depth:] = [path]
        named.add(path)
    ordinary = {"__init__.py", "__main__.py", "__pycache__", "py.typed"}
    for folder in (PACKAGE, PACKAGE / "web"):
        assert {path for path in folder.iterdir() if path.name not in ordinary} <= named


async def test_every_metric_is_told_and_no_other(sqlite_url: str) -> None:
    async with running_service(sqlite_url, SystemClock()) as service:
        machine = Machine("machine", folder=ROOT, key_file=None, reserve=0)
        service.web.state.runtime = msgspec.structs.replace(service.runtime, machine=machine)
        answer = await service.ask("GET", "/metrics")
    made = set(re.findall(r"^# TYPE (\S+)", answer.body.decode(), re.MULTILINE))
    made = {name.removeprefix("payment_service_") for name in made}
    page = section(text_of("docs/operations.md"), "## Metrics")
    told = {name for row in rows(page) for name in quoted(row[0])}
    told |= set(re.findall(r"`(process_\w+)`", page))
    assert told == made


WARNS = ("warning", "error", "tell", "_log_refusal")


def events_worth_an_alarm() -> set[str]:
    """What the code logs as a warning or worse."""
    events = set()
    for call in calls():
        named = call.func
        is_log = isinstance(named, ast.Attribute) and named.attr in WARNS
        is_work = isinstance(named, ast.Name) and named.id == "UnderWay"
        first = call.args[0] if call.args else None
        if (is_log or is_work) and isinstance(first, ast.Constant) and isinstance(first.value, str):
            events.add(first.value)
    return {event for event in events if not event.startswith("simulator.")}


def test_every_event_worth_an_alarm_is_told_and_no_other() -> None:
    table = rows(section(text_of("docs/operations.md"), "## Logs"))
    assert {name for row in table for name in quoted(row[0])} == events_worth_an_alarm()


def test_every_kind_of_alert_is_told_and_no_other() -> None:
    table = rows(section(text_of("docs/operations.md"), "## Alerts"))
    assert {name for row in table for name in quoted(row[0])} == set(get_args(Kind))


def test_the_runbook_knows_every_alert_and_event_worth_an_alarm_and_nothing_that_is_not() -> None:
    index = rows(text_of("docs/runbook.md").partition("\n## ")[0])
    named = {name for row in index for name in quoted(row[0])}
    assert named == set(get_args(Kind)) | events_worth_an_alarm()
    metrics = rows(section(text_of("docs/operations.md"), "## Metrics"))
    known = named | {name for row in metrics for cell in row for name in quoted(cell)}
    known |= set(re.findall(r"`(process_\w+)`", text_of("docs/operations.md"))) | set(CODES)
    known |= {*GATEWAY_ALERTS, *NAMES}
    words = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text_of("docs/runbook.md")))
    assert words - known <= {"request_id", "payment_service_"}


@each_doc
def test_links_lead_somewhere(doc: Path) -> None:
    text = doc.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text):
        path, _, anchor = (target[0] or target[1]).partition("#")
        if "://" in path:
            continue
        found = (doc.parent / path) if path else doc
        assert found.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in headings}
            assert anchor in slugs, anchor


@each_doc
def test_files_that_are_named_exist(doc: Path) -> None:
    bases = [ROOT, PACKAGE, doc.parent, doc.parent / doc.parent.name]
    inline = re.sub(r"^```.*?^```", "", doc.read_text(), flags=re.DOTALL | re.MULTILINE)
    for word in re.findall(r"`([\w./-]+)`", inline):
        is_path = word.endswith(tuple(f".{end}" for end in SOURCE_ENDINGS)) or word.endswith("/")
        if is_path and not word.startswith(("/", ".")) and word != "data/":
            assert any((base / word).exists() for base in bases), word


@each_doc
def test_commands_and_targets_that_are_named_exist(doc: Path) -> None:
    text = doc.read_text()
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    for name, known in (("make", targets), ("payment-service", set(COMMANDS))):
        named = re.findall(rf"(?:^|`|^ {{4}}|bin/){name} ([a-z-]+)", text, re.MULTILINE)
        assert set(named) <= known


def test_the_changelog_ends_its_unreleased_part_at_the_version_that_this_is() -> None:
    headings = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert headings[0] == "[Unreleased]"
    assert re.fullmatch(rf"\[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d", headings[1])


def test_the_readme_is_one_screen() -> None:
    assert len(text_of("README.md").splitlines()) <= 60
