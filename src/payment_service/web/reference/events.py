"""What is sent to webhooks: each type of event, when it is sent, and what it tells."""

from typing import Any

import msgspec

from payment_service.model.event import EventType
from payment_service.resources import (
    EndpointResource,
    InvoiceResource,
    PaymentResource,
    RefundResource,
    ReminderResource,
    SubscriptionNews,
)
from payment_service.web.reference.example_ids import BEGUN
from payment_service.web.reference.examples import ACTIVE_NEWS, EXAMPLES, written
from payment_service.web.reference.schemas import Schema, name_of, reference_to


class Told(msgspec.Struct, frozen=True):
    """`shape` is what `data` holds."""

    shape: type
    when: str
    example: Any = None


EVENTS: dict[EventType, Told] = {
    "subscription.created": Told(SubscriptionNews, "A customer subscribed, or was imported."),
    "subscription.trial_started": Told(SubscriptionNews, "It begins with a trial."),
    "subscription.activated": Told(
        SubscriptionNews, "The first payment came, or the plan is free.", ACTIVE_NEWS
    ),
    "subscription.renewed": Told(
        SubscriptionNews, "A payment came while it was active or in grace.", ACTIVE_NEWS
    ),
    "subscription.resumed": Told(
        SubscriptionNews, "Access is back, by a payment or by an admin.", ACTIVE_NEWS
    ),
    "subscription.updated": Told(
        SubscriptionNews, "A date, its price, or what comes next has changed.", ACTIVE_NEWS
    ),
    "subscription.grace_started": Told(
        SubscriptionNews, "The last paid day passed; access goes on until `grace_until`."
    ),
    "subscription.plan_changed": Told(
        SubscriptionNews, "Another plan took effect without a payment.", ACTIVE_NEWS
    ),
    "subscription.suspended": Told(
        SubscriptionNews, "Access ended: unpaid after grace, or by an admin."
    ),
    "subscription.cancel_scheduled": Told(
        SubscriptionNews, "It ends with its period; access until then."
    ),
    "subscription.canceled": Told(SubscriptionNews, "It ended; `reason` says why."),
    "subscription.expired": Told(
        SubscriptionNews, "The first invoice was not paid in time, or was voided."
    ),
    "invoice.issued": Told(InvoiceResource, "An invoice, with its number."),
    "invoice.reminder": Told(ReminderResource, "It is still open on a day agreed on."),
    "invoice.paid": Told(InvoiceResource, "It is settled."),
    "invoice.voided": Told(InvoiceResource, "Nobody is to pay it any more."),
    "payment.credited": Told(PaymentResource, "Money came that was owed no more; it is credit."),
    "payment.needs_review": Told(PaymentResource, "Money came that does not fit; a person looks."),
    "payment.refunded": Told(RefundResource, "Money was sent back."),
    "endpoint.test": Told(EndpointResource, "A test was asked for, to this endpoint alone."),
}

HEADERS: dict[str, str] = {
    "webhook-id": "The event's id, the same on every attempt.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970.",
    "webhook-signature": "`v1,` and the signature; two while a secret rolls.",
}


def component_of(kind: str) -> str:
    """`subscription.trial_started` is SubscriptionTrialStartedEvent."""
    return "".join(word.title() for word in kind.replace(".", "_").split("_")) + "Event"


def event_schemas() -> dict[str, Schema]:
    """Each message's body, and all of them as one."""
    made = {
        component_of(kind): {
            "type": "object",
            "description": told.when,
            "properties": {
                "type": {"type": "string", "const": kind, "description": "What happened."},
                "timestamp": {
                    "type": "string",
                    "format": "date-time",
                    "description": "When it happened, on the app's clock.",
                },
                "data": reference_to(name_of(told.shape)),
            },
            "required": ["type", "timestamp", "data"],
        }
        for kind, told in EVENTS.items()
    }
    every: Schema = {
        "description": "Any event. Be ready for types that are not among these.",
        "oneOf": [reference_to(name) for name in made],
        "discriminator": {
            "propertyName": "type",
            "mapping": {kind: reference_to(component_of(kind))["$ref"] for kind in EVENTS},
        },
    }
    return {**made, "WebhookEvent": every}


def listed(event: Schema) -> Schema:
    """An event as the API lists it: a message, with its id and place."""
    own = {name: event["properties"][name] for name in ("id", "position")}
    return {
        "description": event["description"],
        "allOf": [
            {"type": "object", "properties": own, "required": list(own)},
            reference_to("WebhookEvent"),
        ],
    }


def event_example(kind: str, told: Told) -> dict[str, Any]:
    data = told.example if told.example is not None else EXAMPLES[told.shape]
    return {"type": kind, "timestamp": written(BEGUN), "data": written(data)}


def webhooks() -> dict[str, Schema]:
    """As OpenAPI tells of what a service sends by itself."""
    headers = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": said,
            "schema": {"type": "string"},
        }
        for name, said in HEADERS.items()
    ]
    return {
        kind: {
            "post": {
                "operationId": f"on{component_of(kind).removesuffix('Event')}",
                "summary": told.when,
                "description": "Signed after Standard Webhooks. Answer 2xx after your commit, "
                "within 15 s; anything else is tried again for some 75 hours, 410 turns the "
                "endpoint off.",
                "tags": ["webhooks"],
                "parameters": headers,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": reference_to(component_of(kind)),
                            "example": event_example(kind, told),
                        }
                    },
                },
                "responses": {"2XX": {"description": "It was heard."}},
                "security": [],
            }
        }
        for kind, told in EVENTS.items()
    }
