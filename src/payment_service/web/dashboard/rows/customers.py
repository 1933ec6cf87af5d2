"""Customers, what they are owed, and forgetting them."""

from payment_service.web.dashboard.customers import edit, forget, listing, refund, show
from payment_service.web.dashboard.guard_row import Guard

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/customers", "viewer", listing.show_customers),
    Guard("GET", "/customers/{id}", "viewer", show.show_customer),
    Guard("GET", "/customers/{id}/edit", "finance", edit.show_edit),
    Guard(
        "POST", "/customers/{id}/edit", "finance", edit.edit,
        page=edit.show_edit,
    ),
    Guard("GET", "/customers/{id}/refund", "finance", refund.show_refund),
    Guard(
        "POST", "/customers/{id}/refund", "finance", refund.refund, True,
        refund.show_refund,
    ),
    Guard("GET", "/customers/{id}/forget", "owner", forget.show_forget),
    Guard(
        "POST", "/customers/{id}/forget", "owner", forget.forget, True,
        forget.show_forget,
    ),
)  # fmt: skip
