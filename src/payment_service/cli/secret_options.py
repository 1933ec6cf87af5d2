"""Options that carry a secret: `-` reads standard input, `@file` a file; a bare value works too."""

import sys
from pathlib import Path

import typer


def read_secret(given: str | None) -> str | None:
    """The secret itself, without the line's end."""
    if given is None or given == "":
        return None
    if given == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if given.startswith("@"):
        try:
            return Path(given[1:]).read_text().strip()
        except OSError as error:
            raise typer.BadParameter(f"{given[1:]} cannot be read: {error.strerror}") from error
    return given
