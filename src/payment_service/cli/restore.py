"""`payment-service restore`"""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from payment_service.actions.check_invariants import NAMES, check_invariants
from payment_service.actions.restore import begin_anew
from payment_service.actions.restore import restore as put_back
from payment_service.cli.output import AsJson, say, show
from payment_service.config import Settings, keys_at_hand, open_runtime, read_settings
from payment_service.kit.clock import SystemClock, monotonic
from payment_service.kit.copies import copies_of
from payment_service.kit.crypto import fingerprint
from payment_service.migrations import NEWEST
from payment_service.model.invariant.breach import Breach

commands = typer.Typer(add_completion=False)

BROKEN = 3
"""The backup was put back, and what it holds is not as it must be."""


@commands.command()
def restore(
    copy: Annotated[
        Path, typer.Option("--from", readable=False, help="A file that `backup` has made.")
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a database, which is kept aside.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back where the settings say that the database is, and verify it.

    Stop the service first, and put the backup's key file back. The backup is looked through before
    anything changes, then brought to this version's schema. Ends with 0 when all is well, 1 when
    nothing was changed, 3 when the backup was put back and `verify` finds fault with it.

    Example: payment-service restore --from payment-service-2026-11-29T193000Z.sqlite3
    """
    settings, began = read_settings(), monotonic()
    copies = copies_of(settings.database_url)
    keys = [fingerprint(key) for key in keys_at_hand(settings) or ()]
    backup, kept = put_back(copies, copy, keys, SystemClock().now(), replace=replace)
    if kept is not None:
        say(f"the database that stood there is kept as {kept}; remove it when you are content")
    say("the backup is put back; it is verified now, and the service may be started meanwhile")
    there = monotonic()
    breaches = asyncio.run(_verify(settings))
    result: dict[str, Any] = {
        "restored": str(copy),
        "schema": f"{backup.schema}, now {NEWEST}" if backup.schema != NEWEST else NEWEST,
        "kept": kept,
        "seconds": round(there - began, 2),
        "seconds_to_verify": round(monotonic() - there, 2),
        "checked": len(NAMES),
    }
    rows = [msgspec.to_builtins(breach) for breach in breaches]
    document = {**result, "schema": backup.schema, "checked": list(NAMES), "breaches": rows}
    show(result, as_json=as_json, document=document)
    sys.stdout.flush()
    for one in breaches:
        say(one.line)
    if breaches:
        raise typer.Exit(BROKEN)
    say("all is well")


async def _verify(settings: Settings) -> list[Breach]:
    runtime = await open_runtime(settings, make_schema=True)
    try:
        await runtime.db.write(begin_anew)
        return await check_invariants(runtime.db)
    finally:
        await runtime.close()
