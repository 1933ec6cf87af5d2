"""What anybody may ask for, without a key."""

from payment_service.resources.passes import KeySetResource
from payment_service.web.reference.operation import Operation, Operations, one
from payment_service.web.reference.schemas import Schema
from payment_service.web.well_known import KEYS_PATH, signing_keys

OPEN_TO_ALL: Operations = {
    f"GET {KEYS_PATH}": Operation(
        id="getPublicKeys",
        scope=None,
        answers={
            200: one(KeySetResource, "A JWK set, good for five minutes.", media="jwk-set+json")
        },
    )
}
PATHS: dict[str, dict[str, Schema]] = {
    KEYS_PATH: {
        "get": {
            "summary": "Get the keys to check access passes by",
            "description": signing_keys.__doc__,
            "tags": ["subscriptions"],
        }
    }
}
"""Told here, since these are not routes that FastAPI knows."""
