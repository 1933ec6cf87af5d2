"""Codes about plans: what may be sold, and at what price."""

from payment_service.web.catalogue.code import Code, Group

PLANS = Group(
    "Plans",
    "",
    (
        Code(
            "plan_not_found",
            404,
            "Your app has no plan with this id.",
            "Check the id, and the key's app and mode.",
        ),
        Code(
            "unknown_plan",
            422,
            "Your app has no plan with this code.",
            "Create it, or correct the code.",
        ),
        Code("plan_archived", 422, "The plan is no longer sold.", "Offer another."),
        Code("name_length", 422, "The name is only spaces.", "Give a name."),
        Code(
            "plan_code",
            422,
            "The code is not 1 to 50 small letters, digits, `-` and `_`.",
            "Choose another.",
        ),
        Code(
            "plan_code_taken",
            409,
            "Your app has a plan with this code.",
            "Use that one, or choose another code.",
        ),
        Code("plan_months", 422, "Not 1 to 36 months.", "Correct it."),
        Code("plan_trial_days", 422, "Not 0 to 365 days.", "Correct it."),
        Code("plan_grace_days", 422, "Not 0 to 90 days.", "Correct it."),
        Code("plan_late_payment", 422, "None of the three words.", "Correct it."),
        Code(
            "price_below_limit",
            422,
            "The price is under Rp500 and not 0.",
            "Raise it, or make it 0 for free.",
            members=("limit",),
        ),
        Code(
            "price_above_limit",
            422,
            "The price is over Rp10.000.000, the most that QRIS takes at once.",
            "Lower it.",
            members=("limit",),
        ),
        Code(
            "price_ahead",
            422,
            "Not for 3, 6 or 12 periods, over 36 months or Rp10.000.000, or not above the price.",
            "Correct it.",
            members=("limit",),
        ),
        Code(
            "plan_free_or_not",
            409,
            "A free plan would get a price, or a priced one none.",
            "Add another plan and archive this one.",
            members=("id",),
        ),
        Code("features_too_large", 422, "`features` is over 4 KiB.", "Store it on your side."),
        Code(
            "features_too_deep",
            422,
            "`features` is nested more than 20 levels deep.",
            "Make it flatter.",
        ),
    ),
)
