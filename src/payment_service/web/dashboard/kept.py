"""What was filled in is kept while an admin signs in again or proves who sits there, and what was
done meanwhile is looked up."""

from collections.abc import Mapping

from payment_service.kit.statements import Transaction
from payment_service.model.admin import Admin
from payment_service.model.draft import DRAFT, Draft, fields_of, keep_draft
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.forms import KEY, UNKEPT, Filled, drawn_in, lost_of
from payment_service.web.dashboard.guard_row import Guard
from payment_service.web.dashboard.lately import LATELY, LONGEST, Done, newest_deed
from payment_service.web.dashboard.routes import page_of


async def keep(guard: Guard, ask: Ask, admin_id: str) -> Draft:
    return await ask.runtime.db.write(
        keep_draft,
        ask.runtime.secrets,
        admin_id,
        page_of(guard, ask.params),
        ask.path,
        _kept_of(ask),
        ask.now,
    )


def _kept_of(ask: Ask) -> dict[str, str]:
    kept = {name: text for name, text in ask.texts.items() if name not in UNKEPT}
    typed_again = UNKEPT - {KEY, "passkey", "seed"}
    return {**kept, **lost_of(ask.texts, ask.files, typed_again)}


async def kept_for(ask: Ask, admin: Admin) -> Filled | None:
    """What waits for this admin in the draft that the address names."""
    draft_id = ask.query.get("draft")
    draft = await ask.read(_draft, draft_id) if draft_id else None
    if draft is None or draft.admin_id != admin.id or ask.now > draft.expires_at:
        return None
    values = fields_of(ask.runtime.secrets, draft)
    return Filled(draft.action, values, None, await done_since(ask, values))


async def done_since(ask: Ask, values: Mapping[str, str]) -> Done | None:
    """What was done to what the form is about since it was drawn, or lately if it does not say."""
    thing_id, (drawn_at, _) = ask.params.get("id"), drawn_in(values)
    if thing_id is None:
        return None
    since = max(drawn_at or ask.now - LATELY, ask.now - LONGEST)
    return await ask.read(newest_deed, [thing_id], since)


def _draft(tx: Transaction, draft_id: str) -> Draft | None:
    return tx.one(DRAFT, id=draft_id)
