"""The command that measures every part: `python -m bench all`."""

import sys
from typing import Annotated

import typer

from bench.command import Folder, Json, Quick, bars, stage_on
from bench.whole import FIGURES, chosen, document_of, keep, run_whole, show_whole, stored
from payment_service.kit.errors import CannotStart


def everything(
    json: Json = False,
    quick: Quick = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table as bench/README.md has it.")
    ] = False,
    last: Annotated[
        bool, typer.Option("--last", help="Measure nothing; print what the last run found.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only the part of this name; those measured before are shown with it."),
    ] = None,
    folder: Folder = None,
) -> None:
    """Measure every part, one after the other, and print all figures in one table.

    What was found is kept in bench/figures.json, but not of a quick run. Ends with 1 if a part did.

    Example: python -m bench all --only growth --only "slow disk" --markdown
    """
    try:
        if last:
            done = stored(FIGURES)
        else:
            with bars() as shown:
                tell = shown.console.print
                done = run_whole(chosen(only or ()), folder, stage_on(shown), tell, quick=quick)
            if not quick:
                done = keep(done, FIGURES)
    except CannotStart as error:
        sys.exit(f"bench: {error}")
    if json:
        sys.stdout.write(document_of(done).decode() + "\n")
    else:
        show_whole(done, markdown=markdown)
    sys.exit(max(one.exit_code for one in done))
