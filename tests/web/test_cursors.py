"""A cursor that names nothing of the list is refused: it would read as the list's end."""

from typing import Any

import pytest

from payment_service.kit.ids import new_id
from payment_service.model.cursor import WHOSE
from tests.clocks import HandClock
from tests.service import Service
from tests.story import App, owner_of
from tests.web.population import populated
from tests.web.test_access import refused


async def lists_of(owner: App) -> dict[str, tuple[str, dict[str, Any]]]:
    """Where each kind of thing is listed, by what its ids begin with, with the newest of it."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    nouns = {
        "plan": "plans", "cus": "customers", "sub": "subscriptions", "inv": "invoices",
        "pay": "payments", "ep": "webhook-endpoints", "key": "keys",
    }  # fmt: skip
    for prefix, noun in nouns.items():
        found[prefix] = (f"/v1/{noun}", (await owner.asks("GET", f"/v1/{noun}")).json["data"][0])
    invoice = found["pay"][1]["invoice_id"]
    path = f"/v1/invoices/{invoice}/charges"
    found["chg"] = (path, (await owner.asks("GET", path)).json["data"][0])
    endpoint = found["ep"][1]["id"]
    assert (await owner.asks("POST", f"/v1/webhook-endpoints/{endpoint}/test")).status == 202
    path = f"/v1/webhook-endpoints/{endpoint}/deliveries"
    found["dlv"] = (path, (await owner.asks("GET", path)).json["data"][0])
    found["crd"] = (f"/v1/customers/{found['cus'][1]['id']}/credit", {})
    return found


@pytest.mark.timeout(120)
async def test_behind_what_is_not_there_no_list_goes_on(
    service: Service, clock: HandClock, app: App, other: App
) -> None:
    owner = (await populated(service, app)).owner
    stranger = await owner_of(service, other)
    await stranger.subscribes("paid-once", "bulanan")
    told = (await stranger.asks("GET", "/v1/subscriptions")).json["data"][0]
    of_other = {
        "sub": told["id"], "cus": told["customer"]["id"], "plan": told["plan"]["id"],
        "inv": told["open_invoice"]["id"],
    }  # fmt: skip
    body = {"url": "https://bengkel.example.com/hooks"}
    assert (await owner.asks("POST", "/v1/webhook-endpoints", body)).status == 201
    lists = await lists_of(owner)
    assert set(lists) == set(WHOSE)
    for prefix, (path, newest) in lists.items():
        another = "sub" if prefix != "sub" else "inv"
        wrong = [
            f"{prefix}_{'0' * 26}", f"{prefix}_{'z' * 26}", new_id(prefix, clock.now()),
            new_id("app", clock.now()), lists[another][1]["id"], of_other.get(prefix, "zz"), "x",
        ]  # fmt: skip
        for after in wrong:
            answer = await owner.asks("GET", f"{path}?after={after}")
            assert refused(answer, 422, "invalid_request"), (path, after)
            (fault,) = answer.json["errors"]
            assert fault["field"] == "after"
            assert "`next_after` of the page before" in fault["message"]
        if newest:
            answer = await owner.asks("GET", f"{path}?after={newest['id']}")
            assert answer.status == 200, answer.body
            assert newest["id"] not in {one["id"] for one in answer.json["data"]}


async def test_a_position_beyond_the_newest_event_is_refused(app: App, other: App) -> None:
    for number in range(3):
        await other.subscribes(f"tenant-{number}", "gratis")
    await app.subscribes("tenant-1", "gratis")
    for asked in ("after=3", "after=6", "after=3&wait=20", "after=3&types=invoice.paid"):
        answer = await app.asks("GET", f"/v1/events?{asked}")
        assert refused(answer, 422, "invalid_request"), asked
        (fault,) = answer.json["errors"]
        assert fault["field"] == "after"
        assert "Send 2 or less" in fault["message"]
    at_the_end = {"data": [], "has_more": False, "next_after": 2}
    assert (await app.asks("GET", "/v1/events?after=2")).json == at_the_end
    assert (await app.asks("GET", "/v1/events?after=2&customer=nobody")).json == at_the_end
