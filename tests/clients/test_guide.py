"""What the integration guide shows with the client libraries is run as it stands."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.clients.coming_back import comes_back
from tests.clients.node import Library, node, run
from tests.guide.pages import GUIDE
from tests.story import App, Story

LISTENS = """
import { readFileSync } from "node:fs";
import { payUrl, POST } from "./shown.mjs";
const { reference, name, heard } = JSON.parse(readFileSync("told.json"));
const answers = [];
for (const { body, headers } of heard) {
  const request = new Request("http://localhost", { method: "POST", body, headers });
  answers.push((await POST(request)).status);
}
console.log(JSON.stringify(reference ? await payUrl(reference, name) : answers));
"""
REMEMBERS = """
import type { SubscriptionNews } from "payment-service-client";
export async function remember(told: SubscriptionNews): Promise<void> {
  if (!told.customer.reference || told.seq < 1) throw new Error("unreadable");
}
"""


def settings_of(app: App) -> dict[str, str]:
    return {
        "PAYMENT_SERVICE_API_KEY": app.api_key,
        "PAYMENT_SERVICE_URL": app.service.origin,
        "PAYMENT_SERVICE_WEBHOOK_SECRET": app.webhook_secret,
    }


async def paid(story: Story, app: App) -> dict[str, Any]:
    """The tenant's subscription, when the money has come and the app was told."""
    found = (await app.asks("GET", "/v1/subscriptions?customer=tenant-42")).json["data"]
    await app.asks("POST", f"/v1/invoices/{found[0]['open_invoice']['id']}/qris")
    await story.money_arrives(await story.pakasir.only_order())
    await story.service.rest()
    await story.service.deliver()
    subscription: dict[str, Any] = found[0]
    return subscription


async def test_python(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.clock.set(datetime.now(UTC))  # the verifier goes by the machine's time
    app = await story.app()
    for name, text in settings_of(app).items():
        monkeypatch.setenv(name, text)
    remembered: list[Any] = []
    names: dict[str, Any] = {"remember": lambda *told: remembered.append(told)}
    exec(GUIDE.snippet("python", "import Client"), names)  # noqa: S102 - it is the guide's
    link = await asyncio.to_thread(names["pay_url"], "tenant-42", "Bengkel Jaya")
    subscription = await paid(story, app)
    heard = story.receiver.heard
    assert link == subscription["pay_url"]
    assert {names["hear"](one.body, one.headers) for one in heard} == {204}
    assert names["hear"](b"{}", heard[0].headers) == 401
    names["billing"].close()
    assert (subscription["id"], "tenant-42", 2, True) in remembered
    for one in await comes_back(story, app, "tenant-42"):
        assert names["hear"](one.body, one.headers) == 204
    # By seq, as the guide says: two messages may be under way at once.
    in_turn = sorted(remembered, key=lambda told: told[2])
    rows = {id_: (reference, access) for id_, reference, _, access in in_turn}
    assert sorted(rows.values()) == [("tenant-42", False), ("tenant-42", True)]


async def test_typescript(story: Story, library: Library, tmp_path: Path) -> None:
    story.clock.set(datetime.now(UTC))
    app = await story.app()
    packages = tmp_path / "node_modules"
    packages.mkdir()
    for name in ("@types", "undici-types"):
        (packages / name).symlink_to(library.folder / "node_modules" / name)
    (packages / "payment-service-client").symlink_to(library.folder)
    shown = GUIDE.snippet("ts", "payment-service-client").replace("./remember.js", "./remember.mjs")
    (tmp_path / "shown.mts").write_text(shown)
    (tmp_path / "remember.mts").write_text(REMEMBERS)
    (tmp_path / "listens.mjs").write_text(LISTENS)
    compiler = library.folder / "node_modules" / "typescript" / "bin" / "tsc"
    strictly = ("--strict", "--target", "es2022", "--module", "nodenext", "--types", "node")
    await run(node(), compiler, *strictly, "shown.mts", cwd=tmp_path)

    async def does(**told: Any) -> Any:
        (tmp_path / "told.json").write_bytes(msgspec.json.encode({"heard": [], **told}))
        settings = settings_of(app)
        return msgspec.json.decode(
            await run(node(), "listens.mjs", cwd=tmp_path, settings=settings)
        )

    link = await does(reference="tenant-42", name="Bengkel Jaya")
    subscription = await paid(story, app)
    heard = [
        {"body": one.body.decode(), "headers": dict(one.headers)} for one in story.receiver.heard
    ]
    forged = {"body": "{}", "headers": heard[0]["headers"]}
    assert link == subscription["pay_url"]
    assert await does(heard=[*heard, forged]) == [204] * len(heard) + [401]
