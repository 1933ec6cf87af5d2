"""What the rules add to the shapes of bodies: bounds that are refused with codes of their own."""

from payment_service.model.plan import LARGEST
from payment_service.web.reference.schemas import Schema

A_PRICE: Schema = {"minimum": 0, "maximum": LARGEST}
PRICES_AHEAD: Schema = {
    "propertyNames": {"enum": ["3", "6", "12"]},
    "additionalProperties": {"type": "integer", "minimum": 500, "maximum": LARGEST},
}

BOUNDS: dict[str, Schema] = {
    "PlanBody.code": {"pattern": "^[a-z0-9][a-z0-9_-]{0,49}$"},
    "PlanBody.price": A_PRICE,
    "PlanEditBody.price": A_PRICE,
    "months": {"minimum": 1, "maximum": 36},
    "trial_days": {"minimum": 0, "maximum": 365},
    "grace_days": {"minimum": 0, "maximum": 90},
    "prices_ahead": PRICES_AHEAD,
    "ExtendBody.days": {"minimum": 1, "maximum": 366},
    "PlanEditBody.reason": {"maxLength": 500},
}
"""By the field, or by the field of one body, which goes first."""
