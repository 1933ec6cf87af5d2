"""`payment-service backup`"""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from payment_service.actions.back_up import back_up, remove_old
from payment_service.actions.check_invariants import check_invariants
from payment_service.actions.note_flaws import note_flaws
from payment_service.cli.output import AsJson, say, show
from payment_service.config import Settings, read_settings
from payment_service.kit.clock import SystemClock, monotonic
from payment_service.kit.copies import Copies, copies_of
from payment_service.kit.database import Examined, open_database
from payment_service.kit.errors import CannotStart, Unavailable
from payment_service.migrations import NEWEST
from payment_service.model.backup import Backup
from payment_service.model.invariant.breach import Breach

commands = typer.Typer(add_completion=False)

FLAWED = 3
"""A backup was made, and what it holds is not as it must be."""
KEEP_IT = "keep a copy of it elsewhere, since without it no stored secret can be read"


@commands.command()
def backup(
    to: Annotated[str, typer.Option(help="A file that is not there yet, or a folder.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Also check all that `payment-service verify` checks.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the database into a file, while the service runs.

    In a folder backups get dated names, and the newest of each of 7 days, 4 weeks and 12 months
    stay. The copy is looked through before it gets its name; the key file is not in it. Ends with
    0 when a backup was made, 1 when none was, 3 when one was made and something in it is not as it
    must be: then the owner is told, in a folder its name ends with -flawed, and no other goes.

    Example: payment-service backup --to /var/backups/payment-service
    """
    settings, place, began = read_settings(), Path(to), monotonic()
    if to.endswith("/") and not place.is_dir():
        raise CannotStart(f"there is no folder {to}; make it, or name another place")
    copies = copies_of(settings.database_url)
    look = partial(_breaches, settings, copies) if verify else lambda _: ()
    made = back_up(copies, place, SystemClock().now(), look)
    flaws = made.flaws
    removed = remove_old(place, copies.ending, flawed=bool(flaws)) if place.is_dir() else ()
    about_key = _about_the_key(settings, made)
    result: dict[str, Any] = {
        "file": made.file,
        "bytes": made.bytes,
        "seconds": round(monotonic() - began, 2),
        "schema": made.schema,
        "key_fingerprint": made.key_fingerprint,
        "removed": list(removed),
        "flaws": list(flaws),
    }
    people = {**result, "removed": " ".join(removed) or None, "flaws": None}
    show(people, as_json=as_json, document={**result, "note": about_key})
    sys.stdout.flush()
    for flaw in flaws:
        say(flaw)
    say(about_key)
    if made.schema == NEWEST and (flaws or verify):
        asyncio.run(_note(settings, flaws))
    if flaws:
        say("the backup was made of a database that is not as it must be; no sound one was removed")
        raise typer.Exit(FLAWED)


def _about_the_key(settings: Settings, made: Backup) -> str:
    named = "the key" + f" (fingerprint {made.key_fingerprint})" * (
        made.key_fingerprint is not None
    )
    if settings.secret_key is not None:
        return f"{named} of PAYMENT_SERVICE_SECRET_KEY is not in the backup; {KEEP_IT}"
    is_beside = Path(made.file).absolute().parent == settings.key_path.absolute().parent
    beside = "; this backup lies beside it, and who takes both has all: move one" * is_beside
    return f"{named} in {settings.key_path} is not in the backup; {KEEP_IT}{beside}"


def _breaches(settings: Settings, copies: Copies, made: Backup) -> tuple[str, ...]:
    """In the copy where it can be asked, else in the database it was made of."""
    if made.schema != NEWEST:
        say(f"not verified: only a database of the schema {NEWEST} can be, this has {made.schema}")
        return ()
    found = asyncio.run(_checked(copies.opened(Path(made.file)), settings.database_url))
    return tuple(one.line for one in found)


async def _checked(copy: Examined | None, url: str) -> list[Breach]:
    if copy is not None:
        return await check_invariants(copy)
    database = open_database(url)
    try:
        return await check_invariants(database)
    finally:
        await database.close()


async def _note(settings: Settings, flaws: tuple[str, ...]) -> None:
    """The backup counts all the same where the database takes nothing, such as a standby."""
    database = open_database(settings.database_url)
    try:
        await note_flaws(database, flaws, SystemClock().now())
    except Unavailable as refusal:
        deed = "raised" if flaws else "cleared"
        say(f"the alert books_broken could not be {deed}: {refusal.detail}")
    finally:
        await database.close()
