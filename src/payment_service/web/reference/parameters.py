"""The parameters of the operations: what each means, how it looks, and one that could be sent."""

import re
from typing import Any

from payment_service.web.reference.example_ids import EXAMPLE_OF
from payment_service.web.reference.fields import PREFIXES, id_pattern
from payment_service.web.reference.schemas import Schema

PATH = {
    "plan_id": "The plan's id.",
    "customer_id": "The customer's id.",
    "subscription_id": "The subscription's id.",
    "invoice_id": "The invoice's id.",
    "charge_id": "The charge's id.",
    "payment_id": "The payment's id.",
    "key_id": "The key's id, which is not the key itself.",
    "event_id": "The event's id.",
    "endpoint_id": "The webhook endpoint's id.",
    "delivery_id": "The delivery's id.",
}
IDEMPOTENCY_KEY: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[!-~]+$",
}
EXAMPLES: dict[str, Any] = {
    "Idempotency-Key": "signup-tenant-42-1764025200",
    "after": 20,
    "archived": False,
    "code": "bulanan",
    "customer": "tenant-42",
    "limit": 20,
    "plan": "bulanan",
    "reference": "tenant-42",
    "types": "invoice.paid,subscription.canceled",
    "wait": 25,
}
"""By the name, of what is neither an id nor a day, nor one of a few words."""
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}
SEVERAL = re.compile(r"\^\(([a-z_|]+)\)\(,\(\1\)\)\*\$")
"""Some of a few words, with commas between them."""


def parameter(told: Schema, schema: Schema) -> Schema:
    """A parameter has a description in one place, and null cannot be sent. `schema` is tidied."""
    name, place = told["name"], told["in"]
    description = schema.pop("description", None) or told.get("description")
    if isinstance(schema.get("type"), list):
        schema["type"] = schema["type"][0]
        if "enum" in schema:
            schema["enum"] = [one for one in schema["enum"] if one is not None]
    if place == "path":
        description = PATH[name]
        schema["pattern"] = id_pattern(PREFIXES[name])
    made: Schema = {"name": name, "in": place, "required": told.get("required", False)}
    if name.lower() == "idempotency-key":
        made["name"], schema = "Idempotency-Key", IDEMPOTENCY_KEY
    several = SEVERAL.fullmatch(schema.get("pattern", ""))
    if several is not None:
        words = several[1].split("|")
        items = {"type": "string", "enum": words}
        schema = {"type": "array", "items": items, "minItems": 1, "maxItems": len(words)}
        made |= {"style": "form", "explode": False}
    return {
        **made,
        "description": description,
        "schema": schema,
        "example": _example(made["name"], schema),
    }


def _example(name: str, schema: Schema) -> Any:
    """Raises KeyError for one that is not thought of here."""
    prefix = schema.get("pattern", "")[1:].partition("_")[0]
    if prefix in EXAMPLE_OF:
        return EXAMPLE_OF[prefix]
    if schema.get("format") == "date":
        return DAYS[name.rpartition("_")[2]]
    if "enum" in schema:
        return schema["enum"][-1]
    return schema["items"]["enum"][2:4] if "items" in schema else EXAMPLES[name]
