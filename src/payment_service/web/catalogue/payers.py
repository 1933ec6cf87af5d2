"""Codes that gateways and payers' browsers meet, not apps."""

from payment_service.web.catalogue.code import Code, Group

PAYERS = Group(
    "Gateways and payers",
    "Apps do not meet these.",
    (
        Code(
            "app_not_found",
            404,
            "No app receives notices at this address; on the terminal, no app has this id.",
            "Check the id.",
        ),
        Code(
            "wrong_secret",
            401,
            "The notice's `X-Secret` is not the app's.",
            "Correct the secret with `app set`.",
        ),
        Code(
            "malformed_notice",
            422,
            "Not a JSON object with an `order_id`.",
            "Send what the gateway sends.",
        ),
        Code("pay_link_not_found", 404, "There is no such pay link.", "Ask the shop for the link."),
        Code(
            "no_code",
            404,
            "A picture was asked for while no code is open.",
            "Ask for a code first.",
        ),
        Code(
            "no_receipt",
            404,
            "A receipt was asked for while the invoice is not paid.",
            "Pay it first.",
        ),
        Code(
            "cross_origin",
            403,
            "A deed of the pay page that was posted from another site.",
            "Use the page itself.",
        ),
    ),
)
