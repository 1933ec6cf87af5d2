"""What pages are looked at with has something of everything."""

from tests.busy import busy
from tests.story import Story


async def test_a_busy_place_has_every_state_there_is(story: Story) -> None:
    found = await busy(story)
    assert all(found.ids.values()), found.ids
    assert set(found.by_state["subscriptions"]) >= {
        "pending", "trialing", "active", "grace", "suspended", "canceled", "expired"
    }  # fmt: skip
    assert set(found.by_state["invoices"]) == {"open", "paid", "void"}
    assert set(found.by_state["payments"]) == {"settled", "credited", "needs_review"}
    assert {"delivered", "retrying"} <= set(found.by_state["deliveries"])
