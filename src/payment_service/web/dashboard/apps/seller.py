"""Who sells, as it stands on invoices: filled in at registration and in the settings."""

from payment_service.actions.edit_app import AppChange, edit_app
from payment_service.kit.statements import Transaction
from payment_service.model.app import App, Seller, app_held
from payment_service.web.dashboard.apps.meanwhile import unchanged
from payment_service.web.dashboard.apps.register import WHERE
from payment_service.web.dashboard.ask import Ask


async def keep_seller(ask: Ask, app_id: str) -> App:
    """Raises Invalid, NotFound, and Conflict where somebody changed the app meanwhile."""
    seller = Seller(
        name=ask.text("seller_name").strip(),
        address=_lines(ask.text("address")),
        npwp=ask.text("npwp").strip(),
        footer=_lines(ask.text("footer")),
    )

    def keep(tx: Transaction) -> App:
        unchanged(app_held(tx, app_id), ask.text("version"))
        return edit_app(tx, app_id, AppChange(seller=seller), ask.runtime.targets, ask.by(WHERE))

    return await ask.write(keep)


def _lines(text: str) -> str:
    """On one line, as invoices print it."""
    return ", ".join(line.strip().rstrip(",") for line in text.splitlines() if line.strip())
