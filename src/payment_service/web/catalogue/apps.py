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
            members=("field",),
        ),
        Code("name_text", 422, "An app's name holds what nobody sees.", "Leave it out."),
        Code("seller_unseen", 422, "The seller holds what nobody sees.", "Leave it out."),
        Code("app_color", 422, "It is not # and six of 0-9 and a-f.", "Write `#27439b`."),
        Code("seller_name", 422, "The seller's name has 1 to 200 characters.", "Correct it."),
        Code("seller_text", 422, "Over 500 characters, or 50 of an NPWP.", "Shorten it."),
        Code("return_origins", 422, "More than 20 return origins.", "Leave some out."),
        Code("reminder_days", 422, "At most 10 days, each -60 to 60.", "Correct them."),
        Code(
            "reminders_typed",
            422,
            "On the dashboard: no list of days of 0 to 60.",
            "Write them like `7, 3, 1`.",
            members=("field",),
        ),
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
