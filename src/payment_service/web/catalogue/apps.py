"""Codes about the app itself: how it bills, what payers see of it."""

from payment_service.web.catalogue.code import Code, Group

APPS = Group(
    "The app",
    "",
    (
        Code("unknown_zone", 422, "The zone is one of Indonesia's three.", "Choose one."),
        Code(
            "zone_is_fixed",
            409,
            "Somebody has subscribed, and days are counted in the zone.",
            "Keep it.",
        ),
        Code(
            "billing_setting",
            422,
            "Not 0 to 90 days of grace, 0 to 60 of lead, 0 to 365 to cancel, 1 to 720 hours.",
            "Correct it.",
        ),
        Code("reminder_days", 422, "At most 10 days, each -60 to 60.", "Correct them."),
        Code("reminder_time", 422, "A time of day like `09:00`.", "Correct it."),
        Code("invoice_prefix", 422, "1 to 10 capital letters and digits.", "Correct it."),
        Code(
            "prefix_is_fixed",
            409,
            "An invoice has been issued, and numbers have no gap.",
            "Keep it.",
        ),
        Code(
            "origin_with_path",
            422,
            "A gateway's or return origin is scheme and host alone.",
            "Leave the path out.",
        ),
    ),
)
