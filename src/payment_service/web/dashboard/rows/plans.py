"""Plans, their prices, and moving those who bought at another one."""

from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.plans import edit, listing, price, show

ROWS: tuple[Guard, ...] = (
    Guard("GET", "/plans", "viewer", listing.show_plans),
    Guard("GET", "/plans/new", "finance", edit.show_new),
    Guard("POST", "/plans/new", "finance", edit.add, True, edit.show_new),
    Guard("GET", "/plans/{id}", "viewer", show.show_plan),
    Guard("GET", "/plans/{id}/edit", "finance", edit.show_edit),
    Guard("POST", "/plans/{id}/edit", "finance", edit.edit, page=edit.show_edit),
    Guard("GET", "/plans/{id}/price", "finance", price.show_price),
    Guard(
        "POST", "/plans/{id}/price", "finance", price.set_price, True, price.show_price
    ),
    Guard("GET", "/plans/{id}/move", "finance", price.show_move),
    Guard("POST", "/plans/{id}/move", "finance", price.move, True, price.show_move),
    Guard("POST", "/plans/{id}/archive", "finance", edit.archive, page=show.show_plan),
    Guard(
        "POST", "/plans/{id}/sell-again", "finance", edit.sell_again,
        page=show.show_plan,
    ),
)  # fmt: skip
