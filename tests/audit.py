"""What the audit log keeps of a thing."""

from payment_service.model.audit import ENTRIES_OF_SUBJECT
from tests.story import Story


async def audited(story: Story, subject_id: str) -> list[tuple[str, str]]:
    """Deeds and reasons, oldest first; all of them asked for with a key."""
    entries = await story.service.runtime.db.read(
        lambda tx: tx.all(ENTRIES_OF_SUBJECT, subject_id=subject_id)
    )
    assert all(entry.actor.startswith("key_") for entry in entries)
    return [(entry.deed, entry.reason) for entry in entries]
