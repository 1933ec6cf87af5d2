"""What is wrong with a value in an import's file, in words for whoever wrote the file."""

import re
from typing import Any

_BOUND = re.compile(r"Expected `(int|str|array)` (?:of length )?(>=|<=) (\d+)")
_KIND = re.compile(r"Expected `(\w+)")
_NAMED = re.compile(r"(missing required|unknown) field `(.*)`")
_KINDS = {
    "int": "is not a whole number; write it like 99000",
    "str": "is no text",
    "bool": "is neither true nor false",
    "date": "is no date; write it like 2026-11-21",
    "datetime": "is no instant; write it like 2026-11-21T10:00:00",
    "array": "is no JSON list",
    "object": "is no JSON object",
}
_BOUNDS = {
    ("int", ">="): "is too small; the smallest is {}",
    ("int", "<="): "is too large; the largest is {}",
    ("str", "<="): "is too long; it may have {} characters",
    ("array", "<="): "is too long; it may have {} entries",
}


def plainly(message: str, written: Any) -> str:
    """The decoder's message about what is written, said without the decoder's own words."""
    shown = _shown(written)
    bound, kind, named = _BOUND.search(message), _KIND.search(message), _NAMED.search(message)
    if named is not None:
        what = "there is no such field" if named[1] == "unknown" else "a field is missing"
        return f"{what}: {named[2][:100]}"
    if "matching regex" in message:
        return f"{shown} has a space, or a character that is not kept, where none may be"
    if bound is not None:
        words = _BOUNDS.get((bound[1], bound[2]))
        return f"{shown} {words.format(bound[3])}" if words else "it is empty"
    if "RFC3339" in message:
        return f"{shown} {_KINDS['datetime' if 'datetime' in message else 'date']}"
    if kind is not None and kind[1] in _KINDS:
        return f"{shown} {_KINDS[kind[1]]}"
    return f"{shown} cannot stand here"


def _shown(written: Any) -> str:
    if isinstance(written, str):
        return f"“{written[:40]}”" if written.isprintable() else "it"
    if written is None or isinstance(written, bool):
        return {None: "null", True: "true", False: "false"}[written]
    if isinstance(written, int | float) and abs(written) < 10**15:
        return str(written)
    return "it"
