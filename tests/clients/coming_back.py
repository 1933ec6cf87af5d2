"""A tenant who ends what was paid for, subscribes again and pays."""

from typing import Any

from tests.story import App, Story


async def comes_back(story: Story, app: App, reference: str) -> list[Any]:
    """What the app is sent of it. The new one begins at seq 1, below the one that ended."""
    before = len(story.receiver.heard)
    (ended,) = (await app.asks("GET", f"/v1/subscriptions?customer={reference}")).json["data"]
    await app.asks("POST", f"/v1/subscriptions/{ended['id']}/cancel", {"at": "now"})
    again = (await app.subscribes(reference, "bulanan")).json
    assert again["id"] != ended["id"]
    code = await app.asks("POST", f"/v1/invoices/{again['open_invoice']['id']}/qris")
    await story.money_arrives(code.json["charge_id"])
    await story.service.rest()
    await story.service.deliver()
    return list(story.receiver.heard[before:])
