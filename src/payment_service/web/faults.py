"""What is wrong with the fields of a request, in words for whoever wrote it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from payment_service.kit.unseen import first_unseen
from payment_service.web.api.texts import (
    CODE,
    COLOR,
    EVENT_ID,
    INVOICE_ID,
    INVOICE_PREFIX,
    SAID,
    SOME_STATUSES,
    SUBSCRIPTION_ID,
    SUBSCRIPTION_STATUSES,
    TIME,
)

MOST = 20
"""Of the faults of one request that are told."""
OTHER = "It has another form"
LONGEST_CHOICE = 200
"""Only the types of events are more than can be named in a sentence."""
PATTERNS = {
    SAID: "Write one line, without spaces around it",
    CODE: "Write a code of small letters, digits, - and _",
    SUBSCRIPTION_ID: "Send an id like sub_…",
    INVOICE_ID: "Send an id like inv_…",
    EVENT_ID: "Send an id like evt_…",
    INVOICE_PREFIX: "Write 1 to 10 capital letters and digits",
    TIME: "Write a time like 09:00",
    COLOR: "Write a colour like #27439b",
    SOME_STATUSES: f"Name some of {', '.join(SUBSCRIPTION_STATUSES)}",
}
KINDS = {
    "missing": "Needed, and not there",
    "extra_forbidden": "Unknown field",
    "string": "Send text",
    "int": "Send a whole number",
    "float": "Send a number",
    "bool": "Send true or false",
    "dict": "Send an object",
    "model": "Send an object",
    "list": "Send a list",
    "tuple": "Send a list",
    "datetime": "Write an instant like 2026-11-20T00:00:00Z",
    "timezone": "Write an instant like 2026-11-20T00:00:00Z",
    "date": "Write the date like 2026-11-22",
}
"""By the beginning of the library's name for the fault."""
Bounds = Mapping[str, Any]


def _characters(number: int) -> str:
    return "1 character" if number == 1 else f"{number} characters"


LIMITS: dict[str, Callable[[Bounds], str]] = {
    "string_too_short": lambda bounds: f"Write at least {_characters(bounds['min_length'])}",
    "string_too_long": lambda bounds: f"Write at most {_characters(bounds['max_length'])}",
    "too_short": lambda bounds: f"Name at least {bounds['min_length']}",
    "too_long": lambda bounds: f"Name at most {bounds['max_length']}",
    "greater_than_equal": lambda bounds: f"Send {bounds['ge']} or more",
    "less_than_equal": lambda bounds: f"Send {bounds['le']} or less",
}
ALTERNATIVES = ("constrained-", "literal[", "function-", "nullable[")
"""How the library names one of the types that a field may have, in the path to it."""


def faults_of(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Each field once: of the alternatives that it has, the first that does not fit."""
    told: dict[str, str] = {}
    for one in errors:
        told.setdefault(_field(one), _words(one))
        if len(told) == MOST:
            break
    return [{"field": field, "message": words} for field, words in told.items()]


def _field(fault: Mapping[str, Any]) -> str:
    path = [str(part) for part in fault["loc"][1:]]
    # The name of an unknown field is the sender's, whatever it looks like.
    own = [path.pop()] if path and fault["type"] == "extra_forbidden" else []
    return ".".join([*(one for one in path if not one.startswith(ALTERNATIVES)), *own])


def _words(fault: Mapping[str, Any]) -> str:
    kind, bounds = str(fault["type"]), fault.get("ctx", {})
    if kind == "value_error":
        said = str(bounds["error"])
        return said[:1].upper() + said[1:]
    if kind == "string_pattern_mismatch" and fault["loc"][-1] == "after":
        return "Send `next_after` of the page before"
    if kind == "string_pattern_mismatch" and bounds["pattern"] == SAID:
        hidden = first_unseen(str(fault.get("input", "")))
        if hidden is not None:
            return f"Leave out the character U+{ord(hidden):04X}, which nobody sees"
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(bounds["pattern"], OTHER)
    if kind == "literal_error":
        return _choice(str(bounds["expected"]).replace("'", ""))
    if kind in LIMITS:
        return LIMITS[kind](bounds)
    return next((words for name, words in KINDS.items() if kind.startswith(name)), OTHER)


def _choice(choices: str) -> str:
    if len(choices) > LONGEST_CHOICE:
        return "There is no such type of event"
    return f"Send {choices}"
