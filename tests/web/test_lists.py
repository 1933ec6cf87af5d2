"""Lists, newest first, page by page."""

from typing import Any

from tests.service import Service
from tests.story import PLANS, App


async def pages(app: App, path: str, limit: int) -> list[list[dict[str, Any]]]:
    """Every page, following `next_after`."""
    found: list[list[dict[str, Any]]] = []
    after = ""
    while True:
        page = (await app.asks("GET", f"{path}limit={limit}{after}")).json
        found.append(page["data"])
        if not page["has_more"]:
            assert page["next_after"] is None
            return found
        after = f"&after={page['next_after']}"


async def test_every_subscription_is_on_one_page_and_the_newest_on_the_first(
    app: App, other: App
) -> None:
    made = [(await app.subscribes(f"tenant-{n}", "bulanan")).json["id"] for n in range(7)]
    await other.subscribes("tenant-0", "bulanan")
    for limit, sizes in ((3, [3, 3, 1]), (7, [7]), (100, [7])):
        found = await pages(app, "/v1/subscriptions?", limit)
        assert [len(page) for page in found] == sizes
        ids = [one["id"] for page in found for one in page]
        assert ids == sorted(made, reverse=True)


async def test_a_list_shows_what_reading_one_shows(app: App) -> None:
    made = (await app.subscribes("tenant-1", "bulanan")).json
    (listed,) = (await app.asks("GET", "/v1/subscriptions")).json["data"]
    assert listed == made == (await app.asks("GET", f"/v1/subscriptions/{made['id']}")).json


async def test_the_subscriptions_of_one_customer(app: App) -> None:
    made = (await app.subscribes("tenant-1", "bulanan")).json
    await app.subscribes("tenant-2", "bulanan")
    for reference, ids in (("tenant-1", [made["id"]]), ("tenant-3", [])):
        found = (await app.asks("GET", f"/v1/subscriptions?customer={reference}")).json["data"]
        assert [one["id"] for one in found] == ids


async def test_plans_are_listed_with_their_price(app: App) -> None:
    found = [plan for page in await pages(app, "/v1/plans?", 3) for plan in page]
    assert {(plan["code"], plan["price"], plan["currency"]) for plan in found} == {
        (plan.code, plan.price, "IDR") for plan in PLANS
    }
    one = (await app.asks("GET", f"/v1/plans/{found[0]['id']}")).json
    assert one == found[0]


async def test_the_service_says_that_it_lives_and_can_work(service: Service) -> None:
    assert (await service.ask("GET", "/healthz/live")).json == {"status": "live"}
    assert (await service.ask("GET", "/healthz/ready")).json == {"status": "ready"}
