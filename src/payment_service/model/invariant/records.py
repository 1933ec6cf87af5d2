"""What must hold of what is kept as proof: the audit chain, and answers to repeated requests."""

from sqlalchemy import and_, func, or_

from payment_service.kit.statements import Transaction
from payment_service.model.answer import answers
from payment_service.model.audit import ENTRIES_AFTER, chained, is_the_end
from payment_service.model.invariant.breach import MOST, Breach, Invariant, found, invariant

_body = func.coalesce(answers.c.body, answers.c.sealed_body)
CHAIN = "the_audit_chain_is_whole"
AT_ONCE = 1000


def _broken_links(tx: Transaction) -> list[Breach]:
    """Entries that are not what they were when they were written, or whose forerunner is gone."""
    broken: list[Breach] = []
    position, before = 0, ""
    while entries := tx.all(ENTRIES_AFTER, after=position, limit=AT_ONCE):
        for entry in entries:
            position += 1
            if entry.position != position or entry.hash != chained(before, entry):
                sentence = "The entry, or the one before it, is not as it was written."
                broken.append(Breach(CHAIN, f"audit entry {entry.position}", sentence))
            position, before = entry.position, entry.hash
        if len(broken) >= MOST:
            return broken[:MOST]
    if not is_the_end(tx, before):
        broken.append(Breach(CHAIN, f"audit entry {position}", "Entries after it are gone."))
    return broken[:MOST]


INVARIANTS = (
    Invariant(CHAIN, _broken_links),
    invariant(
        "a_kept_answer_is_whole",
        "The answer kept under {seen} lacks its status or its body.",
        found(answers.c.app_id, answers.c.key).where(
            # While the request runs it has neither.
            or_(
                and_(answers.c.status.is_(None), _body.is_not(None)),
                and_(answers.c.status.is_not(None), _body.is_(None)),
            )
        ),
    ),
)
