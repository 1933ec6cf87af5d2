"""What the pages of all deeds on a subscription share: the question, and the deed itself, done on
what the admin saw and on nothing newer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from starlette.responses import Response

from payment_service.kit.errors import Conflict
from payment_service.kit.statements import Transaction
from payment_service.model.audit import By
from payment_service.model.contract import lock_contract
from payment_service.resources import Links
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.subscriptions.deeds import DANGEROUS, Deed, deeds_of
from payment_service.web.dashboard.subscriptions.subject import Subject, subject_of

T = TypeVar("T")
More = Callable[[Transaction, Ask, Subject], Mapping[str, Any]]
"""What a deed's page tells beside its subject."""


def nothing_more(_tx: Transaction, _ask: Ask, _subject: Subject) -> Mapping[str, Any]:
    return {}


async def show_deed(ask: Ask, deed: Deed, more: More = nothing_more) -> Response:
    """Where it is not for this state, the page says so and has no form."""

    def read(tx: Transaction) -> tuple[Subject, bool, Mapping[str, Any]]:
        subject = subject_of(tx, ask)
        is_allowed = deed in deeds_of(subject.standing, subject.app)
        told = more(tx, ask, subject) if is_allowed else {}
        return subject, is_allowed, told

    subject, is_allowed, told = await ask.read(read)
    return ask.page(
        f"subscriptions/{deed}.html" if is_allowed else "subscriptions/not_now.html",
        subject=subject,
        form_of=ask.form(f"{subject.here}/{deed}"),
        is_dangerous=deed in DANGEROUS,
        **told,
    )


async def do_deed(ask: Ask, deed: Callable[[Transaction, Links, Subject, By], T]) -> T:
    """Raises Conflict where the subscription has moved since the form was drawn: what was asked
    for was decided on what is no more so."""
    return await ask.write(_on_what_was_seen, ask, deed)


def _on_what_was_seen(
    tx: Transaction, ask: Ask, deed: Callable[[Transaction, Links, Subject, By], T]
) -> T:
    seen = subject_of(tx, ask)
    contract = lock_contract(tx, seen.app.id, seen.subscription.id)
    if ask.text("seq") != str(contract.subscription.seq):
        raise Conflict(
            "subscription_changed",
            "The subscription was changed meanwhile; look again, then decide.",
            id=contract.subscription.id,
        )
    return deed(tx, ask.runtime.links, subject_of(tx, ask), ask.by(ask.text("reason")))
