"""The payer's page on books of any size: found, filled and drawn, as the service does it."""

from collections.abc import Sequence

from payment_service.kit.statements import Transaction
from payment_service.model.invoice import Invoice
from payment_service.model.subscription import SUBSCRIPTION
from payment_service.runtime import Runtime
from payment_service.web.pages.pay_subject import find_subject
from payment_service.web.pages.render import page
from payment_service.web.pages.show_pay import Wishes, show

GOAL = 0.05
"""Seconds, of 95 in 100."""


async def pay_links(runtime: Runtime, invoices: Sequence[Invoice]) -> dict[str, list[str]]:
    """Tokens of links, by what they lead to."""

    def permanent(tx: Transaction) -> list[str]:
        found = [tx.one(SUBSCRIPTION, id=invoice.subscription_id) for invoice in invoices]
        return [subscription.pay_token for subscription in found if subscription is not None]

    own = [invoice.pay_token for invoice in invoices]
    return {"an invoice": own, "a subscription": await runtime.db.read(permanent)}


async def draw_pay_page(runtime: Runtime, token: str) -> bytes:
    """The page's bytes."""
    subject = await runtime.db.read(find_subject, token)
    if subject is None:
        raise LookupError(f"no pay link {token}")
    wishes = Wishes(language="id", chosen=False, checking=False, path=f"/pay/{token}")
    view = show(subject, runtime.links, wishes, runtime.clock.now())
    return page("pay.html", view.language, view=view)
