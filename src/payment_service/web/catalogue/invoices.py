"""Codes about invoices, the QRIS codes that pay them, and payments."""

from payment_service.web.catalogue.code import Code, Group

INVOICES = Group(
    "Invoices, codes and payments",
    "",
    (
        Code(
            "invoice_not_found",
            404,
            "Your app has no invoice with this id.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "charge_not_found",
            404,
            "Your app has no charge with this id.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "payment_not_found",
            404,
            "Your app has no payment with this id.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "invoice_paid",
            409,
            "Nothing is owed on it any more.",
            "Read the subscription.",
            members=("id",),
        ),
        Code(
            "invoice_void",
            409,
            "The invoice was replaced, ended with its subscription, or voided.",
            "Read the subscription and pay its `open_invoice`.",
            members=("id",),
        ),
        Code("invoice_lines", 422, "Not 1 to 50 lines.", "Correct them."),
        Code("lines_too_large", 422, "The lines are over 8 KiB.", "Say it shorter."),
        Code(
            "line_description",
            422,
            "A line's description is only spaces.",
            "Say what it is for; `row` counts from 1.",
            members=("row",),
        ),
        Code(
            "total_outside_limits",
            422,
            "The lines make more or less than QRIS takes at once.",
            "Change or split them.",
            members=(
                "smallest",
                "largest",
            ),
        ),
        Code(
            "due_on",
            422,
            "The day is before today, or over 366 days ahead.",
            "Correct it, or leave it out.",
        ),
        Code(
            "periods_ahead",
            422,
            "Not 1, 3, 6 or 12 periods, or over 36 months.",
            "Choose another number.",
        ),
        Code(
            "not_payable_ahead",
            422,
            "An upgrade or an invoice of its own is paid for itself alone.",
            "Ask for one period.",
        ),
        Code(
            "paid_on", 422, "Not a day since the invoice's issue.", "Correct it, or leave it out."
        ),
        Code(
            "payment_reference", 422, "The reference is only spaces.", "Say what the bank calls it."
        ),
        Code("payment_note", 422, "The note is only spaces.", "Say how the money came."),
        Code(
            "amount_outside_limits",
            422,
            "The amount is more or less than the gateway takes at once.",
            "Tell the operator.",
            members=("limit",),
        ),
        Code("gateway_not_configured", 409, "A live app without a gateway.", "Tell the operator."),
        Code(
            "gateway_unavailable",
            503,
            "The gateway gives no code; the invoice is unchanged.",
            "Ask again after `Retry-After`.",
        ),
        Code(
            "code_refused",
            503,
            "The gateway's code was wrong and is not shown.",
            "Ask again; tell the operator if it stays.",
        ),
        Code(
            "invoice_state",
            409,
            "The invoice is in another state, which `state` names.",
            "Read it again.",
            members=(
                "id",
                "state",
            ),
        ),
        Code(
            "charge_state",
            409,
            "The charge is in another state, which `state` names.",
            "Ask for a new code.",
            members=(
                "id",
                "state",
            ),
        ),
    ),
)
