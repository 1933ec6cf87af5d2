"""The words for a schema: what a value may be, in a line; and examples as they are typed."""

import json
from typing import Any

import msgspec

from payment_service.web.reference.schemas import PLACE, Schema


class Part(msgspec.Struct, frozen=True):
    """A piece of such a line: words, code, or the name of a shape."""

    text: str
    kind: str = "words"


def spelled(schema: Schema) -> list[Part]:
    """As in: text, 1 to 200 characters, or null."""
    choices = schema.get("anyOf") or schema.get("oneOf")
    if "$ref" in schema:
        return [Part(schema["$ref"].removeprefix(PLACE), "shape")]
    if choices:
        return _joined([spelled(one) for one in choices], " or ")
    if "const" in schema:
        return [Part(json.dumps(schema["const"]), "code")]
    kinds = schema.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    parts = [*_enum(schema)] if "enum" in schema else [*_kind(kinds[0], schema)]
    return [*parts, Part(" or null")] if "null" in kinds else parts


def _joined(choices: list[list[Part]], between: str) -> list[Part]:
    parts: list[Part] = []
    for place, choice in enumerate(choices):
        parts += [Part(between), *choice] if place else choice
    return parts


def _enum(schema: Schema) -> list[Part]:
    named = [[Part(str(one), "code")] for one in schema["enum"] if one is not None]
    return _joined(named, " · ")


def _kind(kind: str, schema: Schema) -> list[Part]:
    if kind == "array":
        return [Part("list of "), *spelled(schema.get("items", {})), *_count(schema, "Items", "")]
    if kind == "object":
        return [Part("object")]
    if kind in ("integer", "number"):
        return [Part("whole number" if kind == "integer" else kind), *_range(schema)]
    if kind == "boolean":
        return [Part("true", "code"), Part(" or "), Part("false", "code")]
    if kind == "null":
        return [Part("null")]
    return _text(schema)


def _text(schema: Schema) -> list[Part]:
    pattern = schema.get("pattern", "")
    words = {"date": "date", "date-time": "instant", "uri": "URL"}
    if pattern.startswith("^") and pattern.endswith("{26}$"):
        return [Part("id, "), Part(f"{pattern[1:].partition('_')[0]}_…", "code")]
    parts = [
        Part(words.get(schema.get("format", ""), "text")),
        *_count(schema, "Length", "characters"),
    ]
    if pattern.startswith("^[a-z"):
        parts += [Part(", "), Part(pattern, "code")]
    return parts


def _count(schema: Schema, what: str, of: str) -> list[Part]:
    low, high = schema.get(f"min{what}"), schema.get(f"max{what}")
    if high is None:
        return []
    said = f", {low} to {high}" if low is not None else f", at most {high}"
    return [Part(f"{said} {of}".rstrip())]


def _range(schema: Schema) -> list[Part]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return [Part(f", {_number(low)} to {_number(high)}")]
    if low is not None:
        return [Part(f", {_number(low)} or more")]
    return [Part(f", at most {_number(high)}")] if high is not None else []


def _number(value: int) -> str:
    return f"{value:,}".replace("-", "−")


def typed(example: Any) -> str:
    """JSON with a field to a line, as people write it."""
    return json.dumps(example, indent=2, ensure_ascii=False)


def curl(method: str, url: str, *, keyed: bool, open_to_all: bool, body: Any) -> str:
    """The request on a command line."""
    lines = [f"curl {url}" if method in ("GET", "POST") else f"curl -X {method} {url}"]
    if method == "POST" and body is None:
        lines = [f"curl -X POST {url}"]
    if not open_to_all:
        lines.append('-H "Authorization: Bearer $KEY"')
    if keyed:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if body is not None:
        lines.append(f"--json '{typed(body)}'")
    return " \\\n  ".join(lines)
