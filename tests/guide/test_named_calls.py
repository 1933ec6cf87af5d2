"""What the pages for developers name in passing is there: calls, parameters, commands, options."""

import re
import shlex
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import typer

from payment_service.cli import app
from payment_service.kit.clock import SystemClock
from payment_service.outside.webhook_client import Trouble
from tests.guide.pages import DOCS, Page
from tests.service import running_service

PAGES = ["integration.md", "integration.id.md", "api.md", "access-pass.md", "moving-over.md"]
CALL = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/v1/\S*)")


def named(page: str) -> list[str]:
    """What stands between backticks, on one line or two; and commands that stand alone."""
    prose = Page(page).prose
    inline = [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", prose)]
    alone = re.findall(r"^ {4,}(payment-service (?:.*\\\n)*.*)", prose, re.M)
    return inline + [one.replace("\\\n", " ").partition("  #")[0] for one in alone]


async def test_every_call_and_parameter_that_is_named_is_in_the_reference(sqlite_url: str) -> None:
    async with running_service(sqlite_url, SystemClock()) as service:
        paths = (await service.ask("GET", "/v1/openapi.json")).json["paths"]
    unknown = []
    for page in PAGES:
        for method, target in CALL.findall("\n".join(named(page))):
            path, _, query = target.partition("?")
            path = re.sub(r"/[a-z]+_…", "/{id}", path)
            found = [said for known, said in paths.items() if _shape(known) == _shape(path)]
            operation = found[0].get(method.lower()) if found else None
            if path == "/v1/openapi.json":
                continue
            wanted = {one.partition("=")[0] for one in query.split("&") if one}
            has = {one["name"] for one in (operation or {}).get("parameters", ())}
            if operation is None or not wanted <= has:
                unknown.append(f"{page}: {method} {target}")
    assert unknown == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_that_is_named_is_there(page: str) -> None:
    commands = [one for one in named(page) if one.startswith("payment-service ")]
    assert [one for one in commands if list(_unknown_words(one))] == []


def test_every_trouble_with_a_delivery_has_its_remedy() -> None:
    _, _, below = Page("integration.md").prose.partition("### No webhook comes")
    rows = [line.split("|")[1] for line in below.partition("###")[0].splitlines() if "| `" in line]
    assert set(re.findall(r"`([^`]+)`", "".join(rows))) == set(get_args(Trouble))


def test_the_pages_that_are_read_here_exist_and_name_something() -> None:
    assert all((DOCS / page).exists() and named(page) for page in PAGES)
    assert list(_unknown_words("payment-service key frobnicate")) == ["frobnicate"]
    assert list(_unknown_words("payment-service key list --colour red")) == ["--colour"]


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _unknown_words(line: str) -> Iterator[str]:
    """Subcommands and options that the command line does not have."""
    context: Any = typer.Context(typer.main.get_command(app))
    for word in shlex.split(line)[1:]:
        command = context.command
        if word.startswith("--"):
            known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
            if word.partition("=")[0] not in known | {"--help"}:
                yield word
        elif hasattr(command, "get_command"):
            below = command.get_command(context, word)
            if below is None:
                yield word
                return
            context = typer.Context(below, parent=context)
