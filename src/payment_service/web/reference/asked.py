"""What is sent, as JSON Schema: what FastAPI makes of our types, tidied, with what rules add."""

import re
from typing import Any

from payment_service.web.reference.bounds import BOUNDS
from payment_service.web.reference.fields import said_of
from payment_service.web.reference.schemas import Schema


def body_schemas(made: dict[str, Schema]) -> dict[str, Schema]:
    """The bodies, without FastAPI's own words about errors."""
    return {
        name: _bounded(name, tidied(schema))
        for name, schema in made.items()
        if name not in ("HTTPValidationError", "ValidationError")
    }


def _bounded(name: str, schema: Schema) -> Schema:
    for field, inner in schema.get("properties", {}).items():
        inner.update(BOUNDS.get(f"{name}.{field}") or BOUNDS.get(field) or {})
        if "description" not in inner and "$ref" not in inner:
            inner["description"] = said_of(name, field)
    return schema


def tidied(schema: Any) -> Any:
    """Without titles; null as a type among others; bounds as the whole numbers that they are."""
    if isinstance(schema, list):
        return [tidied(one) for one in schema]
    if not isinstance(schema, dict):
        return int(schema) if isinstance(schema, float) and schema.is_integer() else schema
    made = {
        key: {name: tidied(inner) for name, inner in value.items()}
        if key == "properties"
        else tidied(value)
        for key, value in schema.items()
        if key != "title"
    }
    choices = made.get("anyOf", ())
    others = [one for one in choices if one != {"type": "null"}]
    if len(choices) == 2 and len(others) == 1 and isinstance(others[0].get("type"), str):
        del made["anyOf"]
        made = {**others[0], **made, "type": [others[0]["type"], "null"]}
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    if "description" in made and isinstance(made["description"], str):
        made["description"] = flowing(made["description"])
    return made


def flowing(text: str) -> str:
    """Paragraphs without the line breaks of the source."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())
