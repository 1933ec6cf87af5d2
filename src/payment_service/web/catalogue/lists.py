"""Codes about lists and their filters."""

from payment_service.web.catalogue.code import Code, Group

LISTS = Group(
    "Lists",
    "",
    (
        Code(
            "date_range",
            422,
            "The first day of a range is later than its last.",
            "Exchange them, or leave one out.",
        ),
    ),
)
