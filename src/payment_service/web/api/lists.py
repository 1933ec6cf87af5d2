"""Lists, newest first, paged by the id of the last thing seen."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import Query
from starlette.responses import Response

from payment_service.web.idempotency import json_answer

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
After = Annotated[
    str | None, Query(max_length=64, description="The id of the last one of the page before.")
]
NEWEST = "~"
"""Sorts behind every id."""


def page(found: Sequence[Any], limit: int) -> Response:
    """`found` has one more than asked for when there is a next page."""
    shown = found[:limit]
    body = {
        "data": shown,
        "has_more": len(found) > limit,
        "next_after": shown[-1].id if len(found) > limit else None,
    }
    return json_answer(msgspec.json.encode(body))
