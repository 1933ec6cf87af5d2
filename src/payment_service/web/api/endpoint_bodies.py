"""What the API accepts about webhook endpoints."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from payment_service.model.event import EventType
from payment_service.web.api.bodies import Body
from payment_service.web.api.instants import InstantGiven
from payment_service.web.api.texts import MapOfAnything, Text200, unsent

Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        examples=["https://bengkel.example.com/webhooks/payment-service"],
        description="Public and https; no credentials, no fragment.",
    ),
]
Types = Annotated[
    list[EventType] | None,
    Field(
        min_length=1,
        max_length=100,
        examples=[["subscription.activated", "subscription.suspended"]],
        description="Only these types of event; null for all, also those that are yet to come.",
    ),
]


class EndpointBody(Body):
    """Where messages are to go, and of which events."""

    url: Url
    types: Types = None
    description: Text200 | None = None
    metadata: MapOfAnything = Field(default_factory=dict)


class EndpointEditBody(Body):
    """Only what is sent is changed."""

    url: Url = unsent()
    types: Types = unsent()
    description: Text200 | None = unsent()
    status: Annotated[
        Literal["active", "off"],
        Field(
            description="On again it hears what happens from then on; see `missed_since`. `active` "
            "said again forgets its failures and ends its pause."
        ),
    ] = unsent()
    metadata: MapOfAnything = unsent()


class RollSecretBody(Body):
    """For how long the secrets before the new one go on signing."""

    keep_hours: Annotated[
        int, Field(ge=0, le=168, description="How long the old secret signs beside the new one.")
    ] = 24


class ResendBody(Body):
    """One of the two."""

    since: Annotated[
        InstantGiven | None,
        Field(
            examples=["2026-11-20T00:00:00Z"],
            description="Every event that the endpoint wants since then, delivered or not.",
        ),
    ] = None
    failed: Annotated[
        Literal[True] | None,
        Field(description="Every delivery that failed for good or waits for its next attempt."),
    ] = None

    @model_validator(mode="after")
    def _one(self) -> "ResendBody":
        if (self.since is None) == (self.failed is None):
            raise ValueError("send either since or failed")
        return self
