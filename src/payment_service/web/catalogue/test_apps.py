"""Codes about a test app's clock and its simulated money."""

from payment_service.web.catalogue.code import Code, Group

TEST_APPS = Group(
    "Test apps",
    "Only calls under `/v1/test` answer these.",
    (
        Code("test_only", 403, "A live app's money and days are real.", "Use a test app's key."),
        Code(
            "simulator_needed",
            409,
            "The app's codes are at a gateway, which lives in real time.",
            "Use a test app without a gateway of its own.",
        ),
        Code(
            "clock_backwards",
            422,
            "The app's clock shows a later day, `today`.",
            "Advance to a later one.",
            members=("today",),
        ),
        Code(
            "clock_too_far",
            422,
            "Over 5 years ahead of `today`, or beyond 2199.",
            "Go in steps.",
            members=("today",),
        ),
        Code(
            "clock_advancing",
            409,
            "The clock is on its way to `advance_to`.",
            "Wait until `GET /v1/test/clock` says that it stands.",
            members=("advance_to",),
        ),
        Code(
            "payment_on_its_way",
            503,
            "The simulator's payment is not booked yet.",
            "Read the invoice in some seconds.",
            members=("id",),
        ),
        Code(
            "order_id_taken",
            409,
            "The simulator has a code for this order over another amount.",
            "Use another order.",
        ),
    ),
)
