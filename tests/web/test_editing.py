"""PATCH: only what is sent is changed, null clears what may be null, and a key does it once."""

from typing import Any, NamedTuple

import msgspec
import pytest
from sqlalchemy import select

from payment_service.kit.statements import Statement, Transaction, save, value
from payment_service.model.audit import ENTRIES_OF_SUBJECT
from payment_service.model.event import events
from payment_service.model.invoice import INVOICE
from tests.invariants import row_counts
from tests.service import Service
from tests.story import App
from tests.web.test_access import refused

BODIES: Statement[str] = value(select(events.c.body).order_by(events.c.position), str)
DEEP: Any = {"a": {"b": {"c": {}}}}


class Edited(NamedTuple):
    """Changes that are taken, and those that are refused with which code."""

    taken: tuple[dict[str, Any], ...]
    refused: tuple[tuple[Any, str], ...]


OF_SUBSCRIPTION = Edited(
    ({}, {"metadata": {"outlet": 3}}, {"metadata": {}}, {"return_url": None}),
    (
        ({"metadata": None}, "invalid_request"),
        ({"metadata": {"note": "x" * 4096}}, "metadata_too_large"),
        ({"return_url": "https://evil.example/"}, "return_url_not_allowed"),
        ({"return_url": "https://bengkel.example.com/\t"}, "invalid_request"),
        ({"status": "active"}, "invalid_request"),
        ({"plan": "tahunan"}, "invalid_request"),
    ),
)
OF_INVOICE = Edited(
    ({}, {"metadata": {"order": "A-118"}}, {"metadata": {}}),
    (
        ({"metadata": None}, "invalid_request"),
        ({"metadata": {"note": "x" * 4096}}, "metadata_too_large"),
        ({"due_on": "2026-02-02"}, "invalid_request"),
        ({"total": 1}, "invalid_request"),
    ),
)
OF_PLAN = Edited(
    (
        {},
        {"name": "Bulanan Baru"},
        {"grace_days": 3},
        {"grace_days": None},
        {"features": DEEP, "metadata": DEEP},
        {"archived": True},
        {"archived": False},
    ),
    (
        ({"name": None}, "invalid_request"),
        ({"price": None}, "invalid_request"),
        ({"metadata": None}, "invalid_request"),
        ({"archived": None}, "invalid_request"),
        ({"grace_days": 91}, "plan_grace_days"),
        ({"name": "Bulanan\u202e"}, "invalid_request"),
        ({"months": 2}, "invalid_request"),
    ),
)
OF_APP = Edited(
    (
        {},
        {"name": "Buku Bengkel"},
        {"grace_days": 3, "renewal_lead_days": 5, "pending_timeout_hours": 24},
        {"cancel_after_days": None},
        {"cancel_after_days": 30},
        {"reminder_days": [-3, 0], "reminder_time": "08:30"},
        {"seller": {"name": "PT B", "address": "Jl. A 1", "npwp": "01.2", "footer": "Lunas"}},
        {"color": "#00aa11", "metadata": {"team": "billing"}},
    ),
    (
        ({"name": None}, "invalid_request"),
        ({"name": " x"}, "invalid_request"),
        ({"grace_days": 91}, "invalid_request"),
        ({"grace_days": None}, "invalid_request"),
        ({"reminder_days": [61]}, "invalid_request"),
        ({"reminder_days": [0] * 11}, "invalid_request"),
        ({"reminder_time": "24:00"}, "invalid_request"),
        ({"zone": "Asia/Singapore"}, "invalid_request"),
        ({"zone": "Asia/Makassar"}, "zone_is_fixed"),
        ({"invoice_prefix": "XX"}, "prefix_is_fixed"),
        ({"color": "red"}, "invalid_request"),
        ({"seller": {"npwp": "1"}}, "invalid_request"),
        ({"return_origins": ["https://a.example.com/path"]}, "origin_with_path"),
        ({"return_origins": ["https://10.0.0.1"]}, "url_not_allowed"),
        ({"mode": "live"}, "invalid_request"),
        ({"gateway": None}, "invalid_request"),
        ({"metadata": {"note": "x" * 4096}}, "metadata_too_large"),
    ),
)
EDITS = {
    "/v1/subscriptions/{subscription}": OF_SUBSCRIPTION,
    "/v1/invoices/{invoice}": OF_INVOICE,
    "/v1/plans/{plan}": OF_PLAN,
    "/v1/app": OF_APP,
}


async def made(owner: App) -> dict[str, str]:
    told = (await owner.subscribes("tenant-1", "bulanan")).json
    return {
        "subscription": told["id"],
        "invoice": told["open_invoice"]["id"],
        "plan": told["plan"]["id"],
    }


async def bodies_of_events(service: Service) -> list[str]:
    return await service.runtime.db.read(lambda tx: tx.all(BODIES))


@pytest.mark.parametrize("path", EDITS)
async def test_only_what_is_sent_is_changed(service: Service, owner: App, path: str) -> None:
    edit = EDITS[path]
    path = path.format(**await made(owner))
    told = (await owner.asks("GET", path)).json
    before = await bodies_of_events(service)
    for change in edit.taken:
        told |= change
        answer = await owner.asks("PATCH", path, change)
        assert (answer.status, answer.json) == (200, told), change
        assert (await owner.asks("GET", path)).json == told
    assert await bodies_of_events(service) == before  # no event tells of it


@pytest.mark.parametrize("path", EDITS)
async def test_what_may_not_be_is_refused_and_changes_nothing(
    owner: App, path: str, database_url: str
) -> None:
    edit = EDITS[path]
    path = path.format(**await made(owner))
    told = (await owner.asks("GET", path)).json
    before = row_counts(database_url)
    for change, code in (*edit.refused, ([], "invalid_request"), (None, "invalid_request")):
        status = 409 if code.endswith("_fixed") else 422
        assert refused(await owner.asks("PATCH", path, change), status, code), change
    assert (await owner.asks("GET", path)).json == told
    assert row_counts(database_url) == before


@pytest.mark.parametrize("path", EDITS)
async def test_a_repeated_key_edits_once(owner: App, path: str) -> None:
    edit = EDITS[path]
    path = path.format(**await made(owner))
    first = await owner.asks("PATCH", path, edit.taken[1], idempotency_key="k-1")
    await owner.asks("PATCH", path, edit.taken[2], idempotency_key="k-2")
    now = (await owner.asks("GET", path)).json
    again = await owner.asks("PATCH", path, edit.taken[1], idempotency_key="k-1")
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await owner.asks("GET", path)).json == now


@pytest.mark.parametrize("path", EDITS)
async def test_only_editing_the_app_needs_the_scope_admin(app: App, path: str) -> None:
    told = await made(app)
    answer = await app.asks("PATCH", path.format(**told), {})
    if path == "/v1/app":
        assert refused(answer, 403, "scope_missing")
    else:
        assert answer.status == 200


async def test_a_return_url_lies_within_the_origins_that_the_app_has_set(owner: App) -> None:
    told = await made(owner)
    path = f"/v1/subscriptions/{told['subscription']}"
    url = "https://bengkel.example.com/langganan"
    assert refused(
        await owner.asks("PATCH", path, {"return_url": url}), 422, "return_url_not_allowed"
    )
    origins = {"return_origins": ["https://bengkel.example.com/", "https://bengkel.example.com"]}
    edited = await owner.asks("PATCH", "/v1/app", origins)
    assert edited.json["return_origins"] == ["https://bengkel.example.com"]
    answer = await owner.asks("PATCH", path, {"return_url": url})
    assert (answer.status, answer.json["return_url"]) == (200, url)


async def test_zone_and_prefix_are_free_until_somebody_subscribes(owner: App) -> None:
    change = {"zone": "Asia/Jayapura", "invoice_prefix": "KP2"}
    assert (await owner.asks("PATCH", "/v1/app", change)).status == 200
    told = (await owner.subscribes("tenant-1", "bulanan")).json
    assert told["open_invoice"]["number"] == "KP2-2026-000001"
    assert (await owner.asks("PATCH", "/v1/app", change)).status == 200  # nothing else than it is
    for other, code in (({"zone": "Asia/Jakarta"}, "zone"), ({"invoice_prefix": "A"}, "prefix")):
        assert refused(await owner.asks("PATCH", "/v1/app", other), 409, f"{code}_is_fixed")


async def test_the_log_keeps_which_key_edited_the_app(service: Service, owner: App) -> None:
    change = {"grace_days": 3, "metadata": {"contact": "Siti"}, "reason": "Ramadan"}
    assert (await owner.asks("PATCH", "/v1/app", change)).status == 200
    await owner.asks("PATCH", "/v1/app", {"grace_days": 3})  # changes nothing
    (entry,) = await service.runtime.db.read(
        lambda tx: tx.all(ENTRIES_OF_SUBJECT, subject_id=owner.id)
    )
    assert entry.actor.startswith("key_")
    assert (entry.deed, entry.reason) == ("app.set", "Ramadan")
    assert (entry.details["before"]["grace_days"], entry.details["after"]["grace_days"]) == (7, 3)
    assert b"Siti" not in msgspec.json.encode(entry.details)


async def test_the_app_never_shows_a_secret(app: App) -> None:
    told = await app.asks("GET", "/v1/app")
    assert told.json["gateway"] == {
        "kind": "simulator",
        "version": "v2",
        "project": None,
        "has_api_key": False,
        "has_webhook_secret": True,
    }
    assert app.api_key.encode() not in told.body


async def test_what_an_import_keeps_in_an_invoice_stays(service: Service, owner: App) -> None:
    invoice_id = (await made(owner))["invoice"]
    kept = {"imported_number": "OLD-1", "imported_terms": {"price": 1, "months": 1}}

    def bring(tx: Transaction) -> None:
        invoice = tx.one(INVOICE, id=invoice_id)
        assert invoice is not None
        save(tx, invoice, msgspec.structs.replace(invoice, metadata=kept))

    await service.runtime.db.write(bring)
    path = f"/v1/invoices/{invoice_id}"
    forged = {"imported_terms": {"price": 10**9, "months": 1}, "order": "A-118"}
    answer = await owner.asks("PATCH", path, {"metadata": forged})
    assert answer.json["metadata"] == {"order": "A-118", **kept}
    assert (await owner.asks("PATCH", path, {"metadata": {}})).json["metadata"] == kept
    other = (await owner.subscribes("tenant-2", "bulanan")).json["open_invoice"]["id"]
    answer = await owner.asks("PATCH", f"/v1/invoices/{other}", {"metadata": forged})
    assert answer.json["metadata"] == {"order": "A-118"}
