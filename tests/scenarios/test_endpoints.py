"""Several endpoints of an app: each with its secret and its types, edited while events come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web
from standardwebhooks import Webhook

from tests.outside.parties import Heard, Receiver
from tests.story import App, Story

PATH = "/v1/webhook-endpoints"


async def listens(app: App, receiver: Receiver, **wanted: Any) -> dict[str, Any]:
    answer = await app.asks("POST", PATH, {"url": receiver.url, **wanted})
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.json
    return made


def types(receiver: Receiver) -> list[str]:
    return sorted(msgspec.json.decode(one.body)["type"] for one in receiver.heard)


def signatures(one: Heard, secret: str) -> list[bool]:
    """Which of the message's signatures are made with this secret."""
    instant = datetime.fromtimestamp(int(one.headers["webhook-timestamp"]), UTC)
    mine = Webhook(secret).sign(one.headers["webhook-id"], instant, one.body.decode())
    return [mine == theirs for theirs in one.headers["webhook-signature"].split(" ")]


async def test_each_endpoint_hears_what_it_wants_signed_with_its_own_secret(
    story_of_three: Story, second: Receiver, third: Receiver
) -> None:
    story = story_of_three
    app = await story.app()
    wants = await listens(app, second, types=["subscription.activated"])
    await listens(app, third, types=["invoice.paid"])
    await story.subscribe("Bengkel Jaya", "gratis")
    assert await story.heard_types() == ["subscription.activated", "subscription.created"]
    assert (types(second), types(third)) == (["subscription.activated"], [])
    (heard,) = second.heard
    assert signatures(heard, wants["secret"]) == [True]
    assert signatures(heard, app.webhook_secret) == [False]
    same = [one for one in story.receiver.heard if one.body == heard.body]
    assert same[0].headers["webhook-id"] == heard.headers["webhook-id"]


async def test_an_endpoint_hears_from_when_it_was_made_on(
    story_of_three: Story, second: Receiver
) -> None:
    story = story_of_three
    app = await story.app()
    await story.subscribe("Bengkel Jaya", "gratis")
    await listens(app, second)
    await story.subscribe("Bengkel Maju", "gratis")
    await story.service.deliver()
    assert len(second.heard) == 2


async def test_while_a_secret_is_rolled_both_sign_the_newest_first(
    story_of_three: Story, second: Receiver
) -> None:
    story = story_of_three
    app = await story.app()
    made = await listens(app, second)
    path = f"{PATH}/{made['id']}/roll-secret"
    rolled = (await app.asks("POST", path, {"keep_hours": 2})).json
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.service.deliver()
    assert signatures(second.heard[0], rolled["secret"]) == [True, False]
    assert signatures(second.heard[0], made["secret"]) == [False, True]
    story.clock.advance(timedelta(hours=2))
    await story.subscribe("Bengkel Maju", "gratis")
    await story.service.deliver()
    assert signatures(second.heard[-1], rolled["secret"]) == [True]
    third = (await app.asks("POST", path, {"keep_hours": 0})).json
    await story.subscribe("Bengkel Baru", "gratis")
    await story.service.deliver()
    assert signatures(second.heard[-1], third["secret"]) == [True]


async def test_a_test_event_reaches_its_endpoint_alone_whatever_it_wants(
    story_of_three: Story, second: Receiver
) -> None:
    story = story_of_three
    app = await story.app()
    made = await listens(app, second, types=["invoice.paid"], metadata={"a": 1})
    sent = await app.asks("POST", f"{PATH}/{made['id']}/test")
    assert (sent.status, sent.json["status"]) == (202, "queued")
    await story.service.deliver()
    assert story.receiver.heard == []
    (heard,) = second.heard
    told = msgspec.json.decode(heard.body)
    del made["secret"]
    assert (told["type"], told["data"]) == ("endpoint.test", made)
    assert "whsec_" not in heard.body.decode()
    delivery = (await app.asks("GET", f"/v1/deliveries/{sent.json['id']}")).json
    assert (delivery["status"], delivery["attempt_count"]) == ("delivered", 1)
    listed = (await app.asks("GET", "/v1/events?types=endpoint.test")).json["data"]
    assert [one["id"] for one in listed] == [delivery["event_id"]]


async def test_a_delivery_tells_each_attempt_and_no_secret(
    story_of_three: Story, second: Receiver
) -> None:
    story = story_of_three
    app = await story.app()
    made = await listens(app, second, types=["subscription.activated"])
    second.answers = [web.Response(status=500, text="x" * 5000, headers={"Retry-After": "60"})]
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.service.deliver()
    path = f"{PATH}/{made['id']}/deliveries"
    (listed,) = (await app.asks("GET", path)).json["data"]
    assert (listed["status"], listed["attempt_count"]) == ("retrying", 1)
    assert listed["next_attempt_at"] == "2026-01-31T03:01:00Z"
    read = (await app.asks("GET", f"/v1/deliveries/{listed['id']}")).json
    (attempt,) = read.pop("attempts")
    assert read == listed
    assert (attempt["number"], attempt["status"], attempt["error"]) == (1, 500, None)
    assert attempt["answer"] == "x" * 4096
    assert (attempt["url"], attempt["at"]) == (second.url, "2026-01-31T03:00:00Z")
    assert attempt["next_attempt_at"] == listed["next_attempt_at"]
    shown = attempt["request_headers"]
    sent = {name.lower(): value for name, value in second.heard[0].headers.items()}
    assert shown.pop("webhook-signature") == "v1,…"
    assert shown == {name: sent[name] for name in shown}
    story.clock.advance(timedelta(minutes=1))
    await story.service.deliver()
    read = (await app.asks("GET", f"/v1/deliveries/{listed['id']}")).json
    assert [one["number"] for one in read["attempts"]] == [2, 1]
    assert (read["status"], read["next_attempt_at"]) == ("delivered", None)


async def test_deliveries_are_found_by_status_event_and_time(story: Story) -> None:
    app = await story.app()
    made = (await app.asks("GET", PATH)).json["data"][0]
    path = f"{PATH}/{made['id']}/deliveries"
    await story.subscribe("Bengkel Jaya", "gratis")
    story.clock.advance(timedelta(hours=24))
    story.the_app_fails(1)
    await story.subscribe("Bengkel Maju", "gratis")
    await story.service.deliver()

    async def found(query: str) -> list[dict[str, Any]]:
        answer = await app.asks("GET", f"{path}?{query}")
        assert answer.status == 200, answer.body
        data: list[dict[str, Any]] = answer.json["data"]
        return data

    assert len(await found("")) == 4
    (retrying,) = await found("status=retrying")
    assert len(await found("status=delivered")) == 3
    assert await found("status=failed") == await found("status=queued") == []
    assert await found(f"event={retrying['event_id']}") == [retrying]
    assert await found(f"event={retrying['event_id']}&status=delivered") == []
    early = await found("created_to=2026-01-31")
    late = await found("created_from=2026-02-01")
    assert len(early) == len(late) == 2
    assert early + late == [*await found("")][2:] + [*await found("")][:2]
    newest, *_ = await found("limit=1")
    assert len(await found(f"after={newest['id']}")) == 3


async def test_a_new_address_is_tried_at_once_and_the_old_one_hears_nothing(
    story_of_three: Story, second: Receiver
) -> None:
    story = story_of_three
    app = await story.app()
    made = (await app.asks("GET", PATH)).json["data"][0]
    story.the_app_fails(100, 503)
    await story.subscribe("Bengkel Jaya", "gratis")
    await story.service.deliver()
    before = len(story.receiver.heard)
    edited = (await app.asks("PATCH", f"{PATH}/{made['id']}", {"url": second.url})).json
    assert (edited["failures"], edited["paused_until"]) == (0, None)
    story.clock.advance(timedelta(seconds=7))
    await story.service.deliver()
    assert len(second.heard) == 2
    assert len(story.receiver.heard) == before
