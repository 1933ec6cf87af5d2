"""Who has what until when, and what admins do to it."""

from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.subscriptions import (
    access,
    days,
    ending,
    invoicing,
    listing,
    one_off,
    pay_link,
    plan,
    show,
)

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/subscriptions", "viewer", listing.show_subscriptions),
    Guard("GET", "/subscriptions/{id}", "viewer", show.show_subscription),
    Guard("GET", "/subscriptions/{id}/invoice", "finance", invoicing.show_invoice),
    Guard(
        "POST", "/subscriptions/{id}/invoice", "finance", invoicing.renew, True,
        invoicing.show_invoice,
    ),
    Guard("GET", "/subscriptions/{id}/one-off", "finance", one_off.show_one_off),
    Guard(
        "POST", "/subscriptions/{id}/one-off", "finance", one_off.issue_alone, True,
        one_off.show_one_off,
    ),
    Guard("GET", "/subscriptions/{id}/extend", "finance", days.show_extend),
    Guard(
        "POST", "/subscriptions/{id}/extend", "finance", days.extend, True,
        days.show_extend,
    ),
    Guard("GET", "/subscriptions/{id}/move", "finance", days.show_move),
    Guard(
        "POST", "/subscriptions/{id}/move", "finance", days.move, True,
        days.show_move,
    ),
    Guard("GET", "/subscriptions/{id}/plan", "finance", plan.show_plan),
    Guard(
        "POST", "/subscriptions/{id}/plan", "finance", plan.change, True,
        plan.show_plan,
    ),
    Guard("GET", "/subscriptions/{id}/pay-link", "finance", pay_link.show_pay_link),
    Guard(
        "POST", "/subscriptions/{id}/pay-link", "finance", pay_link.roll, True,
        pay_link.show_pay_link,
    ),
    Guard("GET", "/subscriptions/{id}/resume", "finance", access.show_resume),
    Guard(
        "POST", "/subscriptions/{id}/resume", "finance", access.resume, True,
        access.show_resume,
    ),
    Guard(
        "GET", "/subscriptions/{id}/undo-cancel", "finance", ending.show_undo_cancel
    ),
    Guard(
        "POST", "/subscriptions/{id}/undo-cancel", "finance", ending.undo_cancel,
        True, ending.show_undo_cancel,
    ),
    Guard("GET", "/subscriptions/{id}/suspend", "finance", access.show_suspend),
    Guard(
        "POST", "/subscriptions/{id}/suspend", "finance", access.suspend, True,
        access.show_suspend,
    ),
    Guard("GET", "/subscriptions/{id}/cancel", "finance", ending.show_cancel),
    Guard(
        "POST", "/subscriptions/{id}/cancel", "finance", ending.cancel, True,
        ending.show_cancel,
    ),
)  # fmt: skip
