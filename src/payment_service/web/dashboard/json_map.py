"""What an app gives us to keep, as JSON in a field: written out, and read back."""

from typing import Any

import msgspec

from payment_service.kit.errors import Invalid

LONGEST = 20_000


def map_out(kept: dict[str, Any]) -> str:
    """Nothing for an empty one."""
    return msgspec.json.format(msgspec.json.encode(kept), indent=2).decode() if kept else ""


def map_in(text: str) -> dict[str, Any]:
    """Raises Invalid for what is no JSON object."""
    if not text.strip():
        return {}
    try:
        return msgspec.json.decode(text[:LONGEST], type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise Invalid(
            "json_text", "Write a JSON object, such as {“seats”: 3}, or leave it empty."
        ) from None
