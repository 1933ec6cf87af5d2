"""Deeds of several admins at the same time: each is done, and the audit log keeps them all."""

import asyncio

from payment_service.model.audit import ENTRIES_AFTER, chained
from tests.story import Story, Tenant

WHY = "Gangguan 20 November"


async def test_twenty_deeds_at_once_are_all_done_and_kept(story: Story) -> None:
    tenants = [await story.subscribe(f"Bengkel {number}", "coba") for number in range(20)]
    admin = await story.admin()

    async def extends(one: Tenant) -> int:
        """Asked again while it is refused: on a busy machine the lock of the log may be long."""
        path, body = f"/v1/subscriptions/{one.id}/extend", {"days": 3, "reason": WHY}
        for _ in range(10):
            answer = await admin.asks("POST", path, body, idempotency_key=one.id)
            if answer.status != 503:
                break
        return answer.status

    assert await asyncio.gather(*(extends(one) for one in tenants)) == [200] * 20
    entries = await story.service.runtime.db.read(
        lambda tx: tx.all(ENTRIES_AFTER, after=0, limit=100)
    )
    assert {entry.subject_id for entry in entries} == {one.id for one in tenants}
    before = ""
    for entry in entries:
        assert entry.hash == chained(before, entry)
        before = entry.hash
