"""The permanent pay link of a subscription: roll it."""

from starlette.responses import Response

from payment_service.actions.roll_pay_link import roll_pay_link
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.resources import Links, SubscriptionResource
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deed_page import do_deed, show_deed
from payment_service.web.dashboard.subscriptions.subject import Subject


async def show_pay_link(ask: Ask) -> Response:
    return await show_deed(ask, "pay-link")


async def roll(ask: Ask) -> Response:
    def deed(tx: Transaction, links: Links, subject: Subject, by: By) -> SubscriptionResource:
        one = subject.subscription
        return roll_pay_link(tx, links, one.app_id, one.id, by=by, now=subject.now)

    await do_deed(ask, deed)
    return ask.go(ask.path.rpartition("/")[0], "pay_link_rolled")
