"""`payment-service import`"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from payment_service.actions.import_subscriptions import Imported, import_subscriptions
from payment_service.cli import work
from payment_service.cli.output import AsJson, say, show, show_list
from payment_service.model.import_file import Format, Read, read_import
from payment_service.model.import_line import Flaw
from payment_service.runtime import Runtime

commands = typer.Typer(add_completion=False)

WRONG, BAD_OPTIONS = 1, 2


@commands.command("import")
def import_(
    app: Annotated[str, typer.Option(help="The app whose tenants they are, app_….")],
    file: Annotated[Path, typer.Option(help="A CSV or JSON file; docs/moving-over.md.")],
    reason: Annotated[
        str, typer.Option(help="Why; kept in the audit log.")
    ] = "Moved over from an older system",
    kind: Annotated[
        str | None, typer.Option("--format", help="csv or json; else as the file's name ends.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring subscriptions of an older system in: every line of the file, or none.

    Ends with 0 when all were brought in, 1 when something is wrong, 2 for bad options.
    Example: payment-service import --app app_… --file tenants.csv --dry-run
    """
    read = _read(file, kind)
    done = Imported(flaws=tuple(read.flaws))
    if not read.flaws or read.lines:
        done = work.call(lambda runtime: _import(runtime, app, read, reason, dry_run=dry_run))
    if as_json:
        show({"app": app, "dry_run": dry_run, **_document(done)}, as_json=True)
    elif done.flaws:
        show_list([_row(flaw) for flaw in done.flaws], as_json=False, empty="")
    else:
        show(_counts(done), as_json=False)
    if done.flaws:
        say(f"{_wrong(done.flaws)} in {file}; nothing was brought in")
        raise typer.Exit(WRONG)
    if dry_run:
        say("nothing is wrong; nothing was written")


async def _import(
    runtime: Runtime, app: str, read: Read, reason: str, *, dry_run: bool
) -> Imported:
    """With lines that cannot be read the others are still checked, so that all is told at once."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        done = await import_subscriptions(
            runtime,
            app,
            read.lines,
            by=work.by(runtime, reason),
            dry_run=dry_run or bool(read.flaws),
            told=_bar(progress),
        )
    flaws = sorted([*read.flaws, *done.flaws], key=lambda flaw: (flaw.line, flaw.field))
    return msgspec.structs.replace(done, flaws=tuple(flaws)) if flaws else done


def _bar(progress: Progress) -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def told(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = progress.add_task(step, total=total)
        progress.update(tasks[step], completed=done)

    return told


def _read(file: Path, kind: str | None) -> Read:
    name = kind or file.suffix.removeprefix(".").lower()
    formats: dict[str, Format] = {"csv": "csv", "json": "json"}
    if name not in formats:
        _refuse(f"say --format csv or --format json: {file.name} does not end like either")
    try:
        return read_import(file.read_bytes(), formats[name])
    except OSError as error:
        _refuse(f"--file {file} cannot be read: {error.strerror}")


def _refuse(reason: str) -> NoReturn:
    say(reason)
    raise typer.Exit(BAD_OPTIONS)


def _wrong(flaws: tuple[Flaw, ...]) -> str:
    lines = len({flaw.line for flaw in flaws})
    return "1 line is wrong" if lines == 1 else f"{lines} lines are wrong"


def _row(flaw: Flaw) -> dict[str, Any]:
    return {"line": flaw.line, "field": flaw.field, "what is wrong": flaw.message}


def _counts(done: Imported) -> dict[str, Any]:
    return {name: count for name, count in msgspec.to_builtins(done).items() if name != "flaws"}


def _document(done: Imported) -> dict[str, Any]:
    counts = _counts(done) if not done.flaws else _counts(Imported())
    return {**counts, "errors": msgspec.to_builtins(done.flaws)}
