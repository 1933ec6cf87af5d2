"""Codes about customers, their credit, and what is paid back to them."""

from payment_service.web.catalogue.code import Code, Group

CUSTOMERS = Group(
    "Customers and credit",
    "",
    (
        Code(
            "customer_not_found",
            404,
            "Your app has no customer with this id.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "reference_taken",
            409,
            "You have a customer with this reference, `id`.",
            "Edit that one.",
            members=("id",),
        ),
        Code(
            "customer_forgotten",
            409,
            "The customer, `id`, was forgotten for good.",
            "Say who it is when it subscribes again.",
            members=("id",),
        ),
        Code(
            "customer_reference",
            422,
            "A reference has 1 to 200 characters and no spaces around it.",
            "Correct it.",
        ),
        Code(
            "customer_metadata_too_large",
            422,
            "The customer's `metadata` is over 4 KiB.",
            "Store it on your side.",
        ),
        Code(
            "customer_metadata_too_deep",
            422,
            "The customer's `metadata` is nested more than 20 levels deep.",
            "Make it flatter.",
        ),
        Code(
            "subscription_open",
            409,
            "A customer with an open subscription, `id`, is not forgotten.",
            "Cancel it first.",
            members=("id",),
        ),
        Code("refund_amount", 422, "Less than Rp1.", "Correct it."),
        Code(
            "refund_reference", 422, "The reference is only spaces.", "Say what the bank calls it."
        ),
        Code("refund_note", 422, "The note is only spaces.", "Say whom it went to."),
        Code(
            "credit_too_small",
            409,
            "That is more than is owed.",
            "Refund at most the `balance`.",
            members=("balance",),
        ),
        Code(
            "reference_used",
            409,
            "Another payment of the app, `id`, for the invoice `number`, has this reference; or "
            "another refund, of `amount` to `customer_id`.",
            "It is booked already; a second one has a reference of its own.",
            members=("id", "invoice_id", "number", "customer_id", "amount"),
        ),
    ),
)
