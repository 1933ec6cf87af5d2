"""Codes about events, webhook endpoints and deliveries."""

from payment_service.web.catalogue.code import Code, Group

WEBHOOKS = Group(
    "Events and webhooks",
    "",
    (
        Code(
            "event_not_found",
            404,
            "Your app has no event with this id.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "endpoint_not_found",
            404,
            "Your app has no webhook endpoint with this id, or it was deleted.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "delivery_not_found",
            404,
            "Your app has no delivery with this id.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "url_not_allowed",
            422,
            "A webhook or gateway address that may not be reached.",
            "Use a public https address, or list it in `PAYMENT_SERVICE_PRIVATE_TARGETS`.",
        ),
        Code(
            "event_types",
            422,
            "There is no such type of event, or none was named.",
            "Correct it; leave `types` out for all of them.",
        ),
        Code(
            "too_many_endpoints",
            409,
            "The app has as many webhook endpoints as it may.",
            "Delete one first.",
            members=("limit",),
        ),
        Code(
            "endpoint_twice",
            409,
            "Another webhook endpoint of the app that is on sends events of these types to the "
            "same address.",
            "Edit that one, whose `id` comes along, or name other types or another address.",
            members=("id",),
        ),
        Code(
            "endpoint_off",
            409,
            "The webhook endpoint is off and gets nothing.",
            "Turn it on first.",
            members=("id",),
        ),
        Code(
            "resend_running",
            409,
            "Another resend of the endpoint is under way.",
            "Ask again when it is done.",
            members=("id",),
        ),
        Code(
            "old_secret_signs",
            409,
            "The secret was rolled a while ago, and the one before it still signs.",
            "Wait until `old_secret_until`, or roll with `keep_hours` 0, which ends every older "
            "secret at once.",
            members=("id", "old_secret_until"),
        ),
        Code(
            "keep_hours",
            422,
            "The old secret signs for 0 to 168 more hours.",
            "Correct it.",
        ),
    ),
)
