"""The guide's webhook handlers keep the guide's four rules, in each language."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta

import httpx
from standardwebhooks import Webhook

from payment_service.actions.register_app import Registration
from payment_service.kit.clock import SystemClock
from tests.guide.conftest import StartHandler
from tests.guide.handlers import PATH, Handler
from tests.guide.processes import wait_for
from tests.hearing import free_port
from tests.service import running_service
from tests.story import register

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another one of thirty-two bytes.").decode()
DOOR = "SELECT tenant FROM subscriptions WHERE access"


def told(
    seq: int, *, access: bool, type_: str = "subscription.renewed", id_: str = "sub_1"
) -> bytes:
    """As no JSON library would write it again."""
    data = {"id": id_, "seq": seq, "access": access, "customer": {"reference": "tenant-é"}}
    message = {"type": type_, "timestamp": "2026-11-22T21:49:03Z", "data": data, "later": None}
    return json.dumps(message, indent=1, ensure_ascii=False).encode()


def signed(
    body: bytes, event_id: str = "evt_1", secret: str = SECRET, age: int = 0
) -> dict[str, str]:
    sent = datetime.now(UTC) - timedelta(seconds=age)
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, sent, body.decode()),
    }


def post(handler: Handler, body: bytes, headers: dict[str, str]) -> int:
    return httpx.post(handler.url, content=body, headers=headers, timeout=15).status_code


def test_the_four_rules(start_handler: StartHandler) -> None:
    handler = start_handler(SECRET)
    activated = told(2, access=True, type_="subscription.activated")
    genuine = signed(activated)

    # The raw bytes, signed by whom we know, a moment ago.
    no_header = {name: text for name, text in genuine.items() if name != "webhook-signature"}
    for headers in (
        {},
        no_header,
        signed(activated, secret=OTHER_SECRET),
        signed(activated, age=400),
        signed(activated, age=-400),
        genuine | {"webhook-signature": "nonsense"},
        genuine | {"webhook-signature": "v1,!"},
        genuine | {"webhook-signature": genuine["webhook-signature"].replace("v1,", "v1a,")},
        genuine | {"webhook-id": "evt_2"},
    ):
        assert post(handler, activated, headers) == 401, headers
    assert post(handler, activated.replace(b"tenant", b"Tenant"), genuine) == 401
    assert post(handler, json.dumps(json.loads(activated)).encode(), genuine) == 401
    assert handler.rows("SELECT * FROM subscriptions") == handler.rows("SELECT * FROM heard") == []

    assert post(handler, activated, genuine) == 204
    assert handler.rows(DOOR) == [("tenant-é",)]

    # While a secret is rolled there are two signatures.
    foreign = signed(activated, secret=OTHER_SECRET)["webhook-signature"]
    both = f"{foreign} {genuine['webhook-signature']}"
    assert post(handler, activated, genuine | {"webhook-signature": both}) == 204

    # A lower seq is news of before; the same changes nothing.
    suspended = told(3, access=False)
    assert post(handler, suspended, signed(suspended, "evt_3")) == 204
    assert handler.rows(DOOR) == []
    for body, event_id in ((activated, "evt_1"), (told(2, access=True), "evt_2")):
        assert post(handler, body, signed(body, event_id)) == 204
    assert handler.rows("SELECT seq, access FROM subscriptions") == [(3, False)]

    # Who cancels, subscribes again and pays is let in: the new one counts from 1.
    for body in (
        told(1, access=False, type_="subscription.created", id_="sub_2"),
        told(2, access=True, id_="sub_2"),
        told(4, access=False, type_="subscription.canceled"),
    ):
        assert post(handler, body, signed(body, "evt_3")) == 204
    assert handler.rows(DOOR) == [("tenant-é",)]

    # The mail of an event that came three times is one mail.
    assert handler.rows("SELECT tenant, kind FROM mails") == [("tenant-é", "welcome")]

    # What it does not know is taken and passed over.
    unknown = json.dumps({"type": "moon.full", "timestamp": "2026-11-22T21:49:03Z", "data": {}})
    assert post(handler, unknown.encode(), signed(unknown.encode(), "evt_4")) == 204
    assert len(handler.rows("SELECT id FROM heard")) == 4


def test_what_could_not_be_stored_is_not_taken(start_handler: StartHandler) -> None:
    handler = start_handler(SECRET, tables=False)
    body = told(2, access=True)
    assert post(handler, body, signed(body)) == 500


def test_all_or_nothing_of_an_event_is_kept(start_handler: StartHandler) -> None:
    """What fails at its end leaves nothing, so that the next try finds it as the first did."""
    handler = start_handler(SECRET)
    body = told(2, access=True, type_="subscription.activated")
    handler.change("ALTER TABLE mails RENAME TO mails_elsewhere")
    assert post(handler, body, signed(body)) == 500
    assert handler.rows("SELECT * FROM subscriptions") == handler.rows("SELECT * FROM heard") == []
    handler.change("ALTER TABLE mails_elsewhere RENAME TO mails")
    assert post(handler, body, signed(body)) == 204
    assert len(handler.rows("SELECT * FROM mails")) == 1


async def test_a_tenant_who_pays_is_let_in(start_handler: StartHandler, sqlite_url: str) -> None:
    port = free_port()
    target = f"127.0.0.1:{port}"
    async with running_service(
        sqlite_url, SystemClock(), targets=(target,), with_worker=True
    ) as service:
        wanted = Registration(name="BukuBengkel", mode="test", webhook_url=f"http://{target}{PATH}")
        app = await register(service, wanted)
        handler = await asyncio.to_thread(start_handler, app.webhook_secret, port=port)
        made = (await app.subscribes("tenant-42", "bulanan")).json
        paid = await app.asks("POST", f"/v1/test/invoices/{made['open_invoice']['id']}/pay")
        assert paid.json["status"] == "paid"
        await asyncio.to_thread(wait_for, lambda: handler.rows("SELECT * FROM mails") != [])
    assert handler.rows(DOOR) == [("tenant-42",)]
    assert handler.rows("SELECT id, seq FROM subscriptions") == [(made["id"], 2)]
