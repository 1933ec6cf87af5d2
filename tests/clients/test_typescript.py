"""The TypeScript client against the running service."""

import asyncio
import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from tests.clients.between import Proxy, Script, listening, refused
from tests.clients.coming_back import comes_back
from tests.clients.node import SOURCE, Library, node, run
from tests.clients.test_python_events import events
from tests.clients.test_python_retries import CUSTOMER, found
from tests.hearing import free_port, refusing
from tests.story import App, Story

PAGE = SOURCE / "README.md"


def spoken_to(app: App, origin: str | None = None, **patience: float) -> dict[str, Any]:
    return {
        "apiKey": app.api_key,
        "baseUrl": origin or app.service.origin,
        "patience": patience,
    }


async def test_from_signing_up_to_the_open_door(story: Story, library: Library) -> None:
    app = await story.app()
    client = spoken_to(app)
    body = {"customer": {"reference": "tenant-42", "name": "Bengkel Jaya"}, "plan": "bulanan"}
    signed_up = (await library.calls(client, "subscriptions.create", body))["gave"]
    assert (signed_up["status"], signed_up["access"]) == ("pending", False)
    invoice = signed_up["open_invoice"]["id"]
    code = (await library.calls(client, "invoices.qris", invoice))["gave"]
    assert code["qr_string"].startswith("000201")
    await story.money_arrives(code["charge_id"])
    await story.service.rest()
    await story.service.deliver()

    messages = [
        {"body": base64.b64encode(one.body).decode(), "headers": dict(one.headers), "as": way}
        for one in story.receiver.heard
        for way in ("message", "request")
    ]
    told = await library.does(
        "webhooks",
        messages=messages,
        secrets=app.webhook_secret,
        now=story.clock.now().isoformat(),
    )
    activated = [
        one["gave"]["data"] for one in told if one["gave"]["type"] == "subscription.activated"
    ]
    assert [one["access"] for one in activated] == [True, True]
    assert len(told) == len(messages) == 8

    fresh = (await library.calls(client, "subscriptions.accessPass", signed_up["id"]))["gave"]
    passes = await library.does(
        "passes",
        tokens=[activated[0]["access_pass"], fresh["pass"], "a.b.c"],
        app=app.id,
        issuer=story.service.origin,
        now=story.clock.now().isoformat(),
    )
    assert [one.get("threw") for one in passes] == [None, None, "InvalidPass"]
    assert passes[0]["gave"]["reference"] == "tenant-42"
    assert passes[1]["gave"]["access"] is True
    assert passes[1]["gave"]["accessUntil"] == activated[0]["paid_through"]


async def test_lists_are_walked_page_by_page(story: Story, library: Library) -> None:
    app = await story.app()
    walked = await library.does(
        "walk", client=spoken_to(app), of="plans.all", most=100, args=[{"limit": 2}]
    )
    whole = (await app.asks("GET", "/v1/plans?limit=100")).json["data"]
    assert walked == whole
    assert len(whole) > 4


async def test_every_list_has_its_walk(story: Story, library: Library) -> None:
    app = await story.app()
    paths = (await app.service.ask("GET", "/v1/openapi.json")).json["paths"]
    lists = {
        path
        for path, methods in paths.items()
        if any(one["name"] == "after" for one in methods.get("get", {}).get("parameters", ()))
    }
    client = (SOURCE / "src" / "client.ts").read_text()
    assert set(re.findall(r'walks\(this\.#ask, "([^"]+)"\)', client)) == lists

    # The two that look otherwise: credit has entries, and events go on for ever.
    code = await story.subscribe("tenant-42", "bulanan")
    customer = code.first_answer["customer"]["id"]
    for _ in range(3):
        assert (await app.subscribes("tenant-43", "gratis")).status in (201, 409)
    spoken = spoken_to(app)
    credit = await library.does(
        "walk", client=spoken, of="customers.allCreditEntries", most=9, args=[customer]
    )
    assert credit == []
    told = await library.does("walk", client=spoken, of="events.all", most=9, args=[{"limit": 1}])
    assert [event["position"] for event in told] == [1, 2, 3, 4]


async def test_events_are_followed_from_any_place_on(story: Story, library: Library) -> None:
    app = await story.app()
    for number in range(15):
        assert (await app.subscribes(f"tenant-{number}", "gratis")).status == 201
    query = {"after": 5, "wait": 5}
    found = library.does("walk", client=spoken_to(app), of="follow", most=27, args=[query])
    following = asyncio.create_task(found)
    await asyncio.sleep(1)
    assert (await app.subscribes("tenant-15", "gratis")).status == 201
    heard = await following
    assert [event["position"] for event in heard] == list(range(6, 33))
    assert heard[-1]["data"]["customer"]["reference"] == "tenant-15"


async def test_refusals_say_why(story: Story, library: Library) -> None:
    app = await story.app()
    tenant = await story.subscribe("tenant-42", "gratis")
    body = {"customer": {"reference": "tenant-42"}, "plan": "bulanan"}
    taken = await library.calls(spoken_to(app), "subscriptions.create", body)
    assert (taken["threw"], taken["code"], taken["status"]) == (
        "Refused",
        "already_subscribed",
        409,
    )
    assert taken["members"] == {"id": tenant.id}
    assert taken["requestId"] in taken["message"]
    other = await library.calls(spoken_to(app), "subscriptions.get", "../plans")
    assert (other["threw"], other["status"]) == ("Refused", 404)


async def test_an_answer_that_was_cut_off_is_asked_for_again_and_happens_once(
    story: Story, library: Library
) -> None:
    app = await story.app()
    proxy = Proxy(story.service.origin)
    async with listening(proxy) as origin:
        proxy.cuts = 2
        body = {"customer": {"reference": "tenant-42"}, "plan": "bulanan"}
        tenant = await library.calls(spoken_to(app, origin), "subscriptions.create", body)
    assert tenant["gave"]["seq"] == 1
    assert proxy.statuses == [201, 201, 201]
    assert proxy.replayed == [False, True, True]
    assert await story.heard_types() == ["invoice.issued", "subscription.created"]


async def test_what_passes_is_asked_again_and_what_stays_is_told_at_once(
    story: Story, library: Library
) -> None:
    app = await story.app()

    async def asked(script: Script, total: float = 20_000, each: float = 10_000) -> Any:
        async with listening(script) as origin:
            client = spoken_to(app, origin, total=total, each=each, firstWait=10)
            body = {"reference": "tenant-42"}
            return await library.calls(client, "customers.create", body)

    passing = Script([refused(429, "too_many_requests", Retry_After="1"), refused(503, "busy"),
                      refused(409, "idempotency_key_in_use"), found()])  # fmt: skip
    staying = Script([refused(422, "invalid_request")])
    longer = Script([refused(429, "too_many_requests", Retry_After="60")])
    slow, drops = Script([5.0]), Script([b" "])
    gave = await asyncio.gather(
        *(asked(one) for one in (passing, staying, longer)),
        *(asked(one, total=1500, each=500) for one in (slow, drops)),
    )
    assert gave[0] == {"gave": CUSTOMER}
    assert len(passing.asked) == 4
    assert len({(one.key, one.body) for one in passing.asked}) == 1
    assert 1.0 <= passing.asked[1].at - passing.asked[0].at < 9
    assert [one["threw"] for one in gave[1:]] == [
        "Refused",
        "Refused",
        "Unreachable",
        "Unreachable",
    ]
    assert [one.get("status") for one in gave[1:3]] == [422, 429]
    assert (len(staying.asked), len(longer.asked)) == (1, 1)
    assert gave[3]["mayHaveHappened"] is True
    assert len({one.key for one in slow.asked}) == 1
    with refusing() as nobody:
        client = spoken_to(app, f"http://127.0.0.1:{nobody}", total=500, firstWait=10)
        gone = await library.calls(client, "plans.list")
    assert (gone["threw"], gone["mayHaveHappened"]) == ("Unreachable", False)
    assert app.api_key not in str(gone)


async def test_what_may_have_been_done_is_told_so_with_its_key(
    story: Story, library: Library
) -> None:
    app = await story.app()

    async def asked(script: Script, of: str = "customers.create", *args: Any) -> Any:
        async with listening(script) as origin:
            each = 2_000 if isinstance(script.answers[0], float) else 20_000
            client = spoken_to(app, origin, attempts=3, each=each, firstWait=10)
            return await library.calls(client, of, *(args or ({"reference": "tenant-42"},)))

    scripts = [
        Script([refused(500, "internal_error")]),
        Script([refused(503, "took_too_long")]),
        Script([refused(409, "idempotency_key_in_use")]),
        Script([web.Response(status=502, body=b"<html>")]),
        Script([60.0, refused(429, "too_many_requests")]),
    ]
    gave = await asyncio.gather(*(asked(one) for one in scripts))
    for script, one in zip(scripts, gave, strict=True):
        assert (one["threw"], len(script.asked)) == ("Unsure", 3), one
        assert one["idempotencyKey"] == script.asked[0].key
        said = f"It may have been done all the same: repeat it under the key {script.asked[0].key}"
        assert one["message"].endswith(said)
    passed = Script([refused(500, "internal_error"), found()])
    sure = Script([refused(503, "shutting_down")])
    read = Script([refused(500, "internal_error")])
    first, second, third = await asyncio.gather(
        asked(passed), asked(sure), asked(read, "customers.get", "cus_1")
    )
    assert first == {"gave": CUSTOMER}
    assert len({one.key for one in passed.asked}) == 1
    assert second["threw"] == "Refused"
    assert (third["threw"], third["idempotencyKey"]) == ("Unsure", None)


async def test_following_outlives_whatever_passes(story: Story, library: Library) -> None:
    app = await story.app()
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    client = spoken_to(app, origin, total=200, attempts=2, firstWait=10, longestWait=50)
    heard = asyncio.create_task(library.does("walk", client=client, of="follow", most=4, args=[]))
    await asyncio.sleep(2)
    proxy = web.Response(status=502, body=b"<html>Bad Gateway</html>")
    stops = refused(503, "shutting_down", Retry_After="1")
    broken = refused(500, "internal_error")
    script = Script([*[proxy] * 4, stops, events(1, 2), *[broken] * 4, events(3, 4)])
    async with listening(script, port):
        assert [event["position"] for event in await heard] == [1, 2, 3, 4]
        script.answers = [refused(401, "invalid_key")]
        over = await library.does("followed", client=client, abortAfter=5000)
    assert over["threw"] == "Refused"
    # Told to stop, it ends without a word, also while nobody listens there.
    with refusing() as nobody:
        client = spoken_to(app, f"http://127.0.0.1:{nobody}", total=200, firstWait=10)
        assert await library.does("followed", client=client, abortAfter=300) == {"gave": []}


async def test_keys_and_secrets_are_checked_and_shown_nowhere(
    story: Story, library: Library
) -> None:
    app = await story.app()
    key, secret, origin = app.api_key, app.webhook_secret, "https://bayar.example.com"
    tried = await library.does(
        "secrets",
        clients=[
            {"apiKey": key + "\n", "baseUrl": origin},
            {"apiKey": key[:-1], "baseUrl": origin},
            {"baseUrl": origin},
            {"apiKey": key},
            {"apiKey": key, "baseUrl": "http://bayar.example.com"},
            {"apiKey": key, "baseUrl": "https://a:geheim@bayar.example.com"},
        ],
        webhookSecrets=[secret + "\n", "whsec_", "", None, []],
        shown={"apiKey": key, "baseUrl": origin},
    )
    assert {one["threw"] for one in tried["refused"] + tried["webhooks"]} == {"TypeError"}
    said = str(tried)
    assert key[9:40] not in said
    assert secret[6:] not in said
    assert "geheim" not in said


async def test_what_its_page_shows_is_typed_and_runs(
    story: Story, library: Library, tmp_path: Path
) -> None:
    story.clock.set(datetime.now(UTC))  # its verifiers go by the machine's time
    app = await story.app()
    shown = re.findall(r"^```ts\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(shown) == 3
    written = [tmp_path / f"shown{number}.mts" for number in range(3)]
    for file, block in zip(written, shown, strict=True):
        file.write_text(block)
    (tmp_path / "node_modules").mkdir()
    for name in ("@types", "undici-types", "typescript"):
        (tmp_path / "node_modules" / name).symlink_to(library.folder / "node_modules" / name)
    (tmp_path / "node_modules" / "payment-service-client").symlink_to(library.folder)
    compiler = library.folder / "node_modules" / "typescript" / "bin" / "tsc"
    strictly = ("--strict", "--target", "es2022", "--module", "nodenext", "--types", "node")
    await run(node(), compiler, *strictly, *written, cwd=tmp_path)
    told = {
        "PAYMENT_SERVICE_API_KEY": app.api_key,
        "PAYMENT_SERVICE_URL": story.service.origin,
        "PAYMENT_SERVICE_WEBHOOK_SECRET": app.webhook_secret,
        "PAYMENT_SERVICE_APP": app.id,
    }
    said = await run(node(), tmp_path / "shown0.mjs", settings=told)
    assert said.splitlines()[0].startswith("000201")
    (subscription,) = (await app.asks("GET", "/v1/subscriptions")).json["data"]
    fresh = (await app.asks("GET", f"/v1/subscriptions/{subscription['id']}/pass")).json["pass"]
    await story.service.deliver()
    code = await app.asks("POST", f"/v1/invoices/{subscription['open_invoice']['id']}/qris")
    await story.money_arrives(code.json["charge_id"])
    await story.service.rest()
    await story.service.deliver()
    told_once = [*story.receiver.heard, *await comes_back(story, app, "tenant-42")]
    heard = [
        {"body": one.body.decode(), "headers": dict(one.headers)}
        for one in [*told_once, *reversed(told_once)]
    ]
    (tmp_path / "told.json").write_bytes(msgspec.json.encode({"heard": heard, "pass": fresh}))
    (tmp_path / "ask.mjs").write_text(
        """
        import { readFileSync } from "node:fs";
        import { isOpenTo, POST } from "./shown1.mjs";
        import { mayComeIn } from "./shown2.mjs";
        const told = JSON.parse(readFileSync("told.json"));
        const post = async (body, headers) =>
          (await POST(new Request("http://localhost", { method: "POST", body, headers }))).status;
        const statuses = [];
        for (const { body, headers } of told.heard) statuses.push(await post(body, headers));
        statuses.push(await post("{}", told.heard[0].headers));
        const letIn = [await mayComeIn(told.pass), await mayComeIn("a.b.c")];
        const open = [isOpenTo("tenant-42"), isOpenTo("tenant-43")];
        console.log(JSON.stringify([statuses, open, ...letIn]));
        """
    )
    statuses, is_open, *let_in = msgspec.json.decode(
        await run(node(), tmp_path / "ask.mjs", cwd=tmp_path, settings=told)
    )
    assert statuses == [204] * len(heard) + [401]
    assert is_open == [True, False]
    assert let_in == [False, False]  # not paid yet, and no pass at all


async def test_its_package_holds_what_it_needs_and_nothing_else(library: Library) -> None:
    packed = msgspec.json.decode(
        await run("npm", "pack", "--dry-run", "--json", cwd=library.folder)
    )[0]
    names = {one["path"] for one in packed["files"]}
    assert {"package.json", "README.md", "dist/index.js", "dist/schema.d.ts"} <= names
    assert {name.partition("/")[0] for name in names} == {"package.json", "README.md", "dist"}
    said = msgspec.json.decode((SOURCE / "package.json").read_bytes())
    assert list(said["dependencies"]) == ["standardwebhooks"]
    tested = msgspec.json.decode((node_packages()).read_bytes())["dependencies"]
    for name, version in {**said["dependencies"], **said["devDependencies"]}.items():
        assert tested[name] == version  # what is tested is what developers get


def node_packages() -> Path:
    return SOURCE.parents[1] / "tests" / "node" / "package.json"
