"""`payment-service doctor`"""

import asyncio
import sys
from typing import Any, NamedTuple

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from payment_service.cli.doctor.books import look_at_books
from payment_service.cli.doctor.finding import Finding, attention, broken, ok
from payment_service.cli.doctor.network import look_at_network
from payment_service.cli.doctor.place import look_at_key, look_at_place, maker_of
from payment_service.cli.log import leave_refusals_to_the_command
from payment_service.cli.output import AsJson, say, show
from payment_service.config import Settings, open_runtime, read_settings
from payment_service.kit.database import is_there, open_database
from payment_service.kit.errors import CannotStart, UnusableSetting
from payment_service.migrations import NEWEST, revision_of

commands = typer.Typer(add_completion=False)

NEEDS_ATTENTION = 1
MEND_SETTINGS = "mend the environment that the service starts with"
LOOK_AT_FILE = (
    "see that the service's user may write the file and its folder, and that the disk is sound; a "
    "damaged file is replaced by a backup: `payment-service restore --from … --replace`"
)
LOOK_AT_SERVER = (
    "see that PostgreSQL runs and lets this user in, and that PAYMENT_SERVICE_DATABASE_URL names it"
)
MARKS = {"ok": ("✓", "green"), "attention": ("!", "yellow"), "broken": ("✗", "bold red")}


@commands.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at all that the service needs, and say what to do about what is not well.

    Settings, files and their rights, disk, schema, clock, gateways, webhook endpoints, alerts and
    stuck work. It may run beside the service, and changes nothing. Ends with 0 when all is well,
    with 1 when something needs attention.
    Example: payment-service doctor
    """
    leave_refusals_to_the_command()
    findings = asyncio.run(_look())
    states = [one.state for one in findings]
    if as_json:
        document = {
            "well": set(states) == {"ok"},
            "findings": [msgspec.to_builtins(one) for one in findings],
        }
        show({}, as_json=True, document=document)
    else:
        _draw(findings)
    sys.stdout.flush()
    say(
        f"{len(states)} looked at, {states.count('attention')} need attention, "
        f"{states.count('broken')} broken"
    )
    if set(states) != {"ok"}:
        raise typer.Exit(NEEDS_ATTENTION)


async def _look() -> list[Finding]:
    try:
        settings = read_settings()
    except CannotStart as error:
        return [broken("settings", str(error), MEND_SETTINGS)]
    database = await _database(settings)
    return [
        *look_at_place(settings),
        look_at_key(settings, is_new=database.is_new),
        database.finding,
        *(await _inside(settings) if database.is_usable else ()),
    ]


class _Database(NamedTuple):
    """How it stands, whether there is a use in looking into it, and whether nothing is in it."""

    finding: Finding
    is_usable: bool = False
    is_new: bool = False


async def _database(settings: Settings) -> _Database:
    """It is neither made nor migrated by looking."""
    url, makes_it = settings.database_url, f"{maker_of(settings)} makes it"
    if not is_there(url):
        return _Database(broken("database", "there is none yet", makes_it), is_new=True)
    try:
        db = open_database(url, on_fatal=lambda _: None)
        try:
            schema = await revision_of(db)
        finally:
            await db.close()
    except CannotStart as error:
        remedy = LOOK_AT_FILE if url.startswith("sqlite") else LOOK_AT_SERVER
        return _Database(broken("database", str(error), remedy))
    if schema == NEWEST:
        return _Database(ok("database", f"it opens, schema {schema}"), is_usable=True)
    if schema is None:
        return _Database(attention("database", "it is empty", makes_it), is_new=True)
    if schema > NEWEST:
        says = f"schema {schema} is of a newer version; this one knows {NEWEST}"
        return _Database(broken("database", says, "install that version"))
    says = f"schema {schema}, this version needs {NEWEST}"
    return _Database(attention("database", says, "`payment-service migrate`"))


async def _inside(settings: Settings) -> list[Finding]:
    try:
        runtime = await open_runtime(settings)
    except UnusableSetting as error:
        return [broken("start", str(error), MEND_SETTINGS)]
    except CannotStart as error:  # with a database that is well, it is the key
        place = "in PAYMENT_SERVICE_SECRET_KEY"
        if settings.secret_key is None:
            place = f"back at {settings.key_path}, from its copy,"
        remedy = f"put the key that belongs to this database {place} and start the service again"
        return [broken("start", str(error), remedy)]
    try:
        books: Any = [] if runtime.machine is None else look_at_books(runtime, runtime.machine)
        looked = await asyncio.gather(books, look_at_network(runtime))
        return [finding for part in looked for finding in part]
    finally:
        await runtime.close()


def _draw(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for name in ("what", "how it is", "what to do"):
        table.add_column(name, overflow="fold")
    for one in findings:
        mark, style = MARKS[one.state]
        table.add_row(Text(mark, style), one.what, one.says, one.remedy or "")
    Console(width=None if sys.stdout.isatty() else 1000).print(table)
