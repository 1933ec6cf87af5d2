"""What `/v1/keys` accepts."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

from payment_service.actions.roll_key import OVERLAPS
from payment_service.model.key import FIRST_SCOPES, Scope
from payment_service.web.api.bodies import Body
from payment_service.web.api.texts import MapOfAnything, Text200


def _text(given: Any) -> Any:
    """A number would be read as seconds."""
    if not isinstance(given, str):
        raise ValueError("write an instant like 2027-01-01T00:00:00Z")
    return given


Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text)]


class KeyBody(Body):
    """A key for one place that asks, and what it may do."""

    name: Annotated[Text200, Field(examples=["staging server"], description="What it is for.")]
    scopes: Annotated[
        tuple[Scope, ...],
        Field(strict=False, min_length=1, max_length=3, description="`admin` only by name."),
    ] = FIRST_SCOPES
    expires_at: Annotated[
        Instant | None,
        Field(examples=["2027-01-01T00:00:00Z"], description="Else it has no end."),
    ] = None
    metadata: Annotated[MapOfAnything, Field(default_factory=dict)]


class RollKeyBody(Body):
    """When the old key ends."""

    ends_in: Annotated[
        int,
        Field(
            examples=[3600],
            description="Seconds until the old key ends.",
            json_schema_extra={"enum": list(OVERLAPS)},
        ),
    ] = 86400
