"""Codes that only commands meet, which print the sentence without its code."""

from payment_service.web.catalogue.code import Code, Group

TERMINAL = Group(
    "On the terminal",
    "Commands print the sentence alone; the dashboard and the API may come to use them.",
    (
        Code(
            "signing_key_waits",
            409,
            "A new key of access passes waits for its hour.",
            "Wait until it signs.",
            members=("id",),
        ),
        Code("unknown_mode", 422, "The mode is `test` or `live`.", "Choose one."),
        Code(
            "gateway_project",
            422,
            "The project's slug is missing or wrong.",
            "Copy it from the gateway.",
        ),
        Code("gateway_secrets", 422, "API key and webhook secret are both needed.", "Give both."),
        Code("gateway_version", 422, "The version is v1 or v2.", "Choose one."),
        Code("api_key_needed", 422, "Another origin needs the API key again.", "Give it."),
        Code(
            "app_has_a_clock",
            409,
            "A test app whose clock is ahead; a gateway lives in real time.",
            "Make another test app.",
        ),
        Code(
            "codes_still_open",
            409,
            "The old project's codes can still be paid.",
            "Wait until they have run out, or insist.",
            members=("codes",),
        ),
        Code(
            "request_rate",
            422,
            "A key asks 1 to 100,000 times a second.",
            "Choose a number between them.",
        ),
        Code("review_not_needed", 409, "The payment was not held for a person.", "Leave it."),
        Code("review_decided", 409, "Somebody decided it before.", "Leave it."),
        Code(
            "review_note",
            422,
            "A decision has a note of 1 to 500 characters.",
            "Say what was decided and why.",
        ),
        Code(
            "invoice_not_covered",
            409,
            "The payment does not cover that invoice, or it is paid.",
            "Choose another deed.",
            members=("id",),
        ),
        Code(
            "not_usable_money",
            409,
            "Sandbox money in a live app, or real money in a test app.",
            "Dismiss or refund it.",
        ),
        Code(
            "review_open",
            409,
            "The payment's alert is cleared by deciding the payment.",
            "Decide it.",
        ),
        Code("alert_not_found", 404, "No alert has this id.", "Check the id."),
        Code("alert_note", 422, "A note of 1 to 500 characters.", "Say how it was mended."),
    ),
)
