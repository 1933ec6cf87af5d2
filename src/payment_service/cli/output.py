"""What commands print: for people, or one JSON document."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def show(result: dict[str, Any], *, as_json: bool, document: object = None) -> None:
    """One thing: its fields, a line each. `document` is its JSON, where the API has the same."""
    if as_json:
        _print_json(result if document is None else document)
        return
    width = max(len(name) for name in result)
    for name, value in result.items():
        if value is not None:
            sys.stdout.write(f"{name.ljust(width)}  {value}\n")


def show_list(
    rows: Sequence[dict[str, Any]],
    *,
    as_json: bool,
    empty: str,
    documents: Sequence[object] | None = None,
) -> None:
    """Many things of one kind: a table. `documents` are their JSON, where the API has the same."""
    if as_json:
        _print_json(list(rows if documents is None else documents))
        return
    if not rows:
        sys.stdout.write(empty + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        # An id that is broken over two lines can be neither copied nor searched for.
        table.add_column(name, overflow="fold", no_wrap=name == "id")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else 1000).print(table)


def say(text: str) -> None:
    """A line for people, on stderr."""
    sys.stderr.write(f"payment-service: {text}\n")
    sys.stderr.flush()


def _print_json(result: object) -> None:
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
