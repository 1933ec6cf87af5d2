"""Webhook endpoints by the API: made, edited, rolled, tested, deleted, and never another app's."""

import asyncio
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from payment_service.actions.create_key import create_key
from payment_service.model.endpoint import ENDPOINTS_OF_APP
from tests.clocks import HandClock
from tests.invariants import row_counts
from tests.service import Answer, Service
from tests.story import App
from tests.web.test_access import refused

PATH = "/v1/webhook-endpoints"
URL = "https://bengkel.example.com/hooks"
NUMBERS = count()


async def made(app: App, **body: Any) -> dict[str, Any]:
    answer = await app.asks("POST", PATH, {"url": f"{URL}/{next(NUMBERS)}", **body})
    assert answer.status == 201, answer.body
    told: dict[str, Any] = answer.json
    return told


async def test_an_endpoint_is_made_and_its_secret_shown_once(app: App) -> None:
    told = await made(
        app,
        types=["subscription.canceled", "invoice.paid", "invoice.paid"],
        description="Bengkel",
        metadata={"team": "billing"},
    )
    secret = told.pop("secret")
    assert secret.startswith("whsec_")
    assert told["types"] == ["subscription.canceled", "invoice.paid"]
    assert (told["status"], told["description"]) == ("active", "Bengkel")
    assert told["metadata"] == {"team": "billing"}
    read = await app.asks("GET", f"{PATH}/{told['id']}")
    assert (read.status, read.json) == (200, told)
    listed = await app.asks("GET", PATH)
    assert listed.json == {"data": [told], "has_more": False, "next_after": None}
    assert secret[8:].encode() not in read.body + listed.body


async def test_a_secret_is_sealed_where_it_is_stored(service: Service, app: App) -> None:
    secret = (await made(app))["secret"]
    stored = await service.runtime.db.read(
        lambda tx: tx.all(ENDPOINTS_OF_APP, app_id=app.id, before="~", limit=10)
    )
    assert secret[6:] not in stored[0].secret
    assert service.runtime.secrets.open(stored[0].secret) == secret


async def test_the_newest_endpoint_comes_first_page_by_page(app: App, clock: HandClock) -> None:
    ids = []
    for _ in range(3):
        ids.append((await made(app))["id"])
        clock.advance(timedelta(seconds=1))
    first = (await app.asks("GET", f"{PATH}?limit=2")).json
    assert [one["id"] for one in first["data"]] == [ids[2], ids[1]]
    rest = (await app.asks("GET", f"{PATH}?limit=2&after={first['next_after']}")).json
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([ids[0]], False)


async def test_only_what_is_sent_is_changed(app: App) -> None:
    told = await made(app, types=["invoice.paid"], description="old", metadata={"a": 1})
    path = f"{PATH}/{told['id']}"
    edited = (await app.asks("PATCH", path, {"description": None})).json
    assert (edited["description"], edited["types"]) == (None, ["invoice.paid"])
    edited = (await app.asks("PATCH", path, {"types": None, "url": URL + "/2"})).json
    assert (edited["types"], edited["url"]) == (None, URL + "/2")
    assert edited["metadata"] == {"a": 1}
    assert (await app.asks("PATCH", path, {})).json == edited


@pytest.mark.parametrize(
    "body",
    [
        {"url": None},
        {"status": None},
        {"status": "on"},
        {"metadata": None},
        {"types": []},
        {"a": 1},
    ],
)
async def test_an_edit_of_another_shape_is_refused(app: App, body: dict[str, Any]) -> None:
    told = await made(app)
    path = f"{PATH}/{told['id']}"
    assert refused(await app.asks("PATCH", path, body), 422, "invalid_request")
    assert refused(await app.asks("PATCH", path, {"url": "https://a..b/"}), 422, "url_not_allowed")
    del told["secret"]
    assert (await app.asks("GET", path)).json == told


async def test_an_endpoint_is_turned_off_and_on(app: App, clock: HandClock) -> None:
    told = await made(app)
    path = f"{PATH}/{told['id']}"
    off = (await app.asks("PATCH", path, {"status": "off"})).json
    assert (off["status"], off["off_reason"]) == ("off", "by_hand")
    assert off["missed_since"] == off["off_at"] == "2026-01-31T03:00:00Z"
    assert refused(await app.asks("POST", f"{path}/test"), 409, "endpoint_off")
    assert refused(await app.asks("POST", f"{path}/resend", {"failed": True}), 409, "endpoint_off")
    assert (await app.asks("PATCH", path, {"status": "off"})).json == off
    clock.advance(timedelta(hours=1))
    on = (await app.asks("PATCH", path, {"status": "active"})).json
    assert (on["status"], on["off_reason"], on["off_at"]) == ("active", None, None)
    assert on["missed_since"] == "2026-01-31T03:00:00Z"


async def test_a_deleted_endpoint_is_as_if_it_had_never_been(app: App) -> None:
    path = f"{PATH}/{(await made(app))['id']}"
    gone = await app.asks("DELETE", path)
    assert (gone.status, gone.body) == (204, b"")
    missing = await app.asks("GET", f"{PATH}/ep_00000000000000000000000000")
    for method, rest, body in (
        ("GET", "", None),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("POST", "/roll-secret", {}),
        ("POST", "/test", None),
        ("POST", "/resend", {"failed": True}),
        ("GET", "/deliveries", None),
    ):
        answer = await app.asks(method, path + rest, body)
        assert refused(answer, 404, "endpoint_not_found")
        assert answer.body == missing.body
    assert (await app.asks("GET", PATH)).json["data"] == []


async def test_another_apps_endpoints_deliveries_and_events_look_as_if_they_were_not_there(
    app: App, other: App, database_url: str
) -> None:
    endpoint = await made(app)
    delivery = (await app.asks("POST", f"{PATH}/{endpoint['id']}/test")).json
    before = row_counts(database_url)
    for method, path, theirs, body in (
        ("GET", PATH + "/{}", endpoint["id"], None),
        ("PATCH", PATH + "/{}", endpoint["id"], {"status": "off"}),
        ("DELETE", PATH + "/{}", endpoint["id"], None),
        ("POST", PATH + "/{}/roll-secret", endpoint["id"], {}),
        ("POST", PATH + "/{}/test", endpoint["id"], None),
        ("POST", PATH + "/{}/resend", endpoint["id"], {"failed": True}),
        ("GET", PATH + "/{}/deliveries", endpoint["id"], None),
        ("GET", "/v1/deliveries/{}", delivery["id"], None),
        ("POST", "/v1/deliveries/{}/resend", delivery["id"], None),
        ("GET", "/v1/events/{}", delivery["event_id"], None),
    ):
        anothers = await other.asks(method, path.format(theirs), body)
        missing = await other.asks(method, path.format(theirs[:-16] + "z" * 16), body)
        assert anothers.status == 404, path
        assert anothers.body == missing.body
    assert (await other.asks("GET", "/v1/events")).json["data"] == []
    assert row_counts(database_url) == before


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://user:rahasia@example.com/",
        "https://@example.com/",
        "https://example.com/#part",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://%31%32%37.0.0.1/",
        "https://１２７.0.0.1/",
        "https://127.0.0.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://a..b/",
        "https://-a.com/",
        "https://a-.com/",
        "https://" + "a" * 64 + ".com/",
        "https://example.com:22/",
        "https://example.com:80/",
        "https://example.com:0/",
        "https://exa mple.com/",
        "https://example.com/\t",
        "https://example.com/\u200b",
        "https://example.com\\@10.0.0.1/",
        "https://example.com" + "/a" * 1000,
        "ftp://example.com/",
        "bengkel.example.com",
        "",
    ],
)
async def test_a_url_that_may_not_be_reached_is_refused_and_nothing_is_stored(
    app: App, database_url: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = row_counts(database_url)
    answer = await app.asks("POST", PATH, {"url": url})
    code = answer.json["code"]
    assert refused(answer, 422, code)
    assert code == ("url_not_allowed" if 0 < len(url) <= 2000 else "invalid_request")
    assert row_counts(database_url) == before
    said = capsys.readouterr().out
    assert ("webhook_refused" in said) == (code == "url_not_allowed")
    if code == "url_not_allowed":
        (line,) = [line for line in said.splitlines() if "webhook_refused" in line]
        assert app.id in line
        assert answer.headers["Request-Id"] in line
    assert "rahasia" not in said


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"url": URL, "secret": "whsec_mine"}, "invalid_request"),
        ({"url": URL, "types": []}, "invalid_request"),
        ({"url": URL, "types": ["subscription.exploded"]}, "invalid_request"),
        ({"url": URL, "types": "invoice.paid"}, "invalid_request"),
        ({"url": URL, "description": ""}, "invalid_request"),
        ({"url": URL, "description": "ganti\u202eabcd"}, "invalid_request"),
        ({"url": URL, "metadata": {"a": "x" * 4097}}, "metadata_too_large"),
    ],
)
async def test_an_endpoint_of_another_shape_is_refused(
    app: App, database_url: str, body: dict[str, Any], code: str
) -> None:
    before = row_counts(database_url)
    assert refused(await app.asks("POST", PATH, body), 422, code)
    assert row_counts(database_url) == before


async def test_two_endpoints_at_one_place_hear_no_event_twice(app: App, other: App) -> None:
    first = await made(app, url=URL, types=["invoice.paid", "invoice.issued"])
    for url in (URL, "https://BENGKEL.example.com:443/hooks"):
        for types in (None, ["invoice.issued"], ["subscription.created", "invoice.paid"]):
            again = await app.asks("POST", PATH, {"url": url, "types": types})
            assert refused(again, 409, "endpoint_twice")
            assert again.json["id"] == first["id"]
            assert first["id"] in again.json["detail"]
    await made(app, url=URL, types=["subscription.created"])
    await made(app, url=f"{URL}?shop=2")
    await made(other, url=URL)


async def test_an_edit_makes_no_event_arrive_twice(app: App) -> None:
    first, second = await made(app, url=URL, types=["invoice.paid"]), await made(app)
    path, here = f"{PATH}/{second['id']}", {"url": URL}
    assert refused(await app.asks("PATCH", path, here), 409, "endpoint_twice")
    assert (await app.asks("PATCH", path, {**here, "status": "off"})).status == 200
    assert (await app.asks("PATCH", path, {"description": "toko"})).status == 200
    assert refused(await app.asks("PATCH", path, {"status": "active"}), 409, "endpoint_twice")
    on = {"status": "active", "types": ["invoice.issued"]}
    assert (await app.asks("PATCH", path, on)).status == 200
    assert refused(await app.asks("PATCH", path, {"types": None}), 409, "endpoint_twice")
    assert (await app.asks("DELETE", f"{PATH}/{first['id']}")).status == 204
    assert (await app.asks("PATCH", path, {"types": None})).status == 200


async def test_of_many_at_one_place_at_once_one_is_made(app: App) -> None:
    answers = await asyncio.gather(*(app.asks("POST", PATH, {"url": URL}) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7


async def test_an_app_has_at_most_fifty(app: App) -> None:
    for _ in range(50):
        await made(app)
    assert refused(await app.asks("POST", PATH, {"url": URL}), 409, "too_many_endpoints")
    last = (await app.asks("GET", PATH)).json["data"][0]
    await app.asks("DELETE", f"{PATH}/{last['id']}")
    await made(app)


async def test_a_rolled_secret_comes_once_and_the_old_one_signs_beside_it(app: App) -> None:
    told = await made(app)
    path = f"{PATH}/{told['id']}/roll-secret"
    rolled = await app.asks("POST", path, idempotency_key="roll-1")
    assert rolled.status == 200
    assert rolled.json["secret"] != told["secret"]
    assert rolled.json["old_secret_until"] == "2026-02-01T03:00:00Z"
    again = await app.asks("POST", path, idempotency_key="roll-1")
    assert again.body == rolled.body
    early = await app.asks("POST", path, {"keep_hours": 1})
    assert refused(early, 409, "old_secret_signs")
    assert early.json["old_secret_until"] == "2026-02-01T03:00:00Z"
    assert "until 2026-02-01T03:00:00Z" in early.json["detail"]
    assert (await app.asks("POST", path, {"keep_hours": 0})).json["old_secret_until"] is None
    assert (await app.asks("POST", path)).status == 200
    for hours in (-1, 169, "24", 1.5):
        assert refused(await app.asks("POST", path, {"keep_hours": hours}), 422, "invalid_request")


async def test_reading_needs_read_and_the_rest_write(service: Service, app: App) -> None:
    endpoint = await made(app)
    delivery = (await app.asks("POST", f"{PATH}/{endpoint['id']}/test")).json
    db, now = service.runtime.db, service.runtime.clock.now()
    _, reading = await db.write(create_key, app.id, "reader", ("read",), now)
    bearer = f"Bearer {reading}"

    async def asks(method: str, path: str, body: Any = None) -> Answer:
        return await app.asks(method, path, body, authorization=bearer)

    one = f"{PATH}/{endpoint['id']}"
    for path in (PATH, one, f"{one}/deliveries", f"/v1/deliveries/{delivery['id']}", "/v1/events"):
        assert (await asks("GET", path)).status == 200
    for method, path, body in (
        ("POST", PATH, {"url": URL}),
        ("PATCH", one, {}),
        ("DELETE", one, None),
        ("POST", f"{one}/roll-secret", None),
        ("POST", f"{one}/test", None),
        ("POST", f"{one}/resend", {"failed": True}),
        ("POST", f"/v1/deliveries/{delivery['id']}/resend", None),
    ):
        assert refused(await asks(method, path, body), 403, "scope_missing")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"failed": False},
        {"failed": True, "since": "2026-01-01T00:00:00Z"},
        {"since": "2026-01-01"},
        {"since": "2026-01-01T00:00:00"},
        {"since": 1767225600},
        {"since": "1767225600"},
        {"since": "0001-01-01T00:00:00+23:00"},
        {"since": "2026-13-01T00:00:00Z"},
    ],
)
async def test_a_resend_says_which(app: App, body: dict[str, Any]) -> None:
    path = f"{PATH}/{(await made(app))['id']}/resend"
    assert refused(await app.asks("POST", path, body), 422, "invalid_request")
