"""Customers: added, read, found, edited, and told nowhere else than where they are asked for."""

import asyncio
from typing import Any

from tests.invariants import row_counts
from tests.story import App
from tests.web.test_access import refused

SITI: dict[str, Any] = {
    "reference": "tenant-42",
    "name": "Bengkel Siti",
    "email": "siti@bengkel.example.com",
    "phone": "0812-3456",
    "metadata": {"outlet": "Kebun Jeruk"},
}


async def test_a_customer_is_added_and_read_back(app: App) -> None:
    made = await app.asks("POST", "/v1/customers", SITI)
    assert made.status == 201
    told = made.json
    assert told == {
        "id": told["id"],
        **SITI,
        "forgotten": False,
        "created_at": "2026-01-31T03:00:00Z",
    }
    assert (await app.asks("GET", f"/v1/customers/{told['id']}")).json == told
    assert (await app.asks("GET", "/v1/customers")).json["data"] == [told]
    subscribed = (await app.asks(
        "POST", "/v1/subscriptions", {"customer": {"reference": "tenant-42"}, "plan": "bulanan"}
    )).json  # fmt: skip
    whose = {name: told[name] for name in ("id", "reference", "name")}
    assert subscribed["customer"] == whose


async def test_a_reference_is_one_customers(app: App, other: App, database_url: str) -> None:
    first = (await app.asks("POST", "/v1/customers", SITI)).json
    before = row_counts(database_url)
    again = await app.asks("POST", "/v1/customers", {"reference": "tenant-42"})
    assert refused(again, 409, "reference_taken")
    assert again.json["id"] == first["id"]
    assert row_counts(database_url) == before
    assert (await other.asks("POST", "/v1/customers", SITI)).status == 201


async def test_of_many_at_once_with_one_reference_one_is_added(app: App) -> None:
    answers = await asyncio.gather(*(app.asks("POST", "/v1/customers", SITI) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19


async def test_a_repeated_key_adds_nobody_and_gives_the_same_bytes(app: App) -> None:
    first = await app.asks("POST", "/v1/customers", SITI, idempotency_key="k-1")
    again = await app.asks("POST", "/v1/customers", SITI, idempotency_key="k-1")
    assert (again.status, again.body) == (201, first.body)
    path = f"/v1/customers/{first.json['id']}"
    edited = await app.asks("PATCH", path, {"name": "Siti"}, idempotency_key="k-2")
    await app.asks("PATCH", path, {"name": "Sitti"})
    replayed = await app.asks("PATCH", path, {"name": "Siti"}, idempotency_key="k-2")
    assert replayed.body == edited.body
    assert (await app.asks("GET", path)).json["name"] == "Sitti"


async def test_only_what_is_sent_is_changed_and_null_clears(app: App) -> None:
    told = (await app.asks("POST", "/v1/customers", SITI)).json
    path = f"/v1/customers/{told['id']}"
    for change in (
        {},
        {"name": "Siti Abadi"},
        {"email": None, "phone": None},
        {"metadata": {"kota": "Bogor"}},
        {"name": None},
    ):
        told |= change
        edited = await app.asks("PATCH", path, change)
        assert (edited.status, edited.json) == (200, told), change
        assert (await app.asks("GET", path)).json == told


BAD: list[tuple[Any, str]] = [
    ({"metadata": None}, "invalid_request"),
    ({"reference": "another"}, "invalid_request"),
    ({"name": ""}, "invalid_request"),
    ({"name": " Siti"}, "invalid_request"),
    ({"name": "Siti\t"}, "invalid_request"),
    ({"name": "Si\x1cti"}, "invalid_request"),
    ({"name": "Si\u0085ti"}, "invalid_request"),
    ({"name": "\u202eitis"}, "invalid_request"),
    ({"name": "x" * 201}, "invalid_request"),
    ({"email": "a\nb"}, "invalid_request"),
    ({"phone": "8" * 51}, "invalid_request"),
    ({"name": 42}, "invalid_request"),
    ({"metadata": {"note": "x" * 4096}}, "metadata_too_large"),
    ([], "invalid_request"),
    (None, "invalid_request"),
]


async def test_what_a_customer_is_not_is_refused(app: App, database_url: str) -> None:
    told = (await app.asks("POST", "/v1/customers", SITI)).json
    path = f"/v1/customers/{told['id']}"
    before = row_counts(database_url)
    for change, code in BAD:
        assert refused(await app.asks("PATCH", path, change), 422, code), change
        if isinstance(change, dict) and change != {"metadata": None}:
            body = {"reference": "tenant-43", **change}
            if "reference" not in change:
                assert refused(await app.asks("POST", "/v1/customers", body), 422, code), change
    assert row_counts(database_url) == before
    assert (await app.asks("GET", path)).json == told


async def test_editing_a_customer_rewrites_nothing_that_was_issued(owner: App) -> None:
    body = {"customer": SITI, "lines": [{"description": "Alat", "amount": 50_000}]}
    issued = (await owner.asks("POST", "/v1/invoices", body)).json
    customer = issued["customer_id"]
    events = (await owner.asks("GET", "/v1/invoices")).json
    await owner.asks("PATCH", f"/v1/customers/{customer}", {"name": "Siti Baru"})
    assert (await owner.asks("GET", f"/v1/invoices/{issued['id']}")).json == issued
    assert (await owner.asks("GET", "/v1/invoices")).json == events


async def test_a_customer_is_found_by_reference_and_by_day(app: App, other: App) -> None:
    made = [
        (await app.asks("POST", "/v1/customers", {"reference": f"tenant-{n}"})).json
        for n in range(5)
    ]
    await other.asks("POST", "/v1/customers", {"reference": "tenant-1"})
    for asked, found in (
        ("reference=tenant-1", [made[1]]),
        ("reference=tenant-9", []),
        ("created_from=2026-01-31", None),
        ("created_from=2026-02-01", []),
        ("created_to=2026-01-30", []),
        ("created_from=2026-01-31&created_to=2026-01-31&reference=tenant-2", [made[2]]),
        ("created_to=2026-01-30&reference=tenant-2", []),
    ):
        data = (await app.asks("GET", f"/v1/customers?{asked}")).json["data"]
        if found is None:
            assert sorted(one["id"] for one in data) == sorted(one["id"] for one in made)
        else:
            assert data == found, asked


async def test_a_forgotten_customer_is_known_again_only_by_what_it_does(owner: App) -> None:
    told = (await owner.asks("POST", "/v1/customers", SITI, idempotency_key="k-1")).json
    path = f"/v1/customers/{told['id']}"
    forgotten = await owner.asks("POST", f"{path}/forget", {"reason": "Asked by mail"})
    blank: dict[str, Any] = {
        "name": None,
        "email": None,
        "phone": None,
        "metadata": {},
        "forgotten": True,
    }
    assert forgotten.json == {**told, **blank}
    assert (await owner.asks("GET", path)).json == forgotten.json
    refusal = await owner.asks("PATCH", path, {"name": "Siti"})
    assert refused(refusal, 409, "customer_forgotten")
    replayed = (await owner.asks("POST", "/v1/customers", SITI, idempotency_key="k-1")).json
    assert replayed == {**told, **{name: blank[name] for name in blank if name != "forgotten"}}
    again = {"customer": {"reference": "tenant-42", "name": "Siti"}, "plan": "bulanan"}
    assert (await owner.asks("POST", "/v1/subscriptions", again)).status == 201
    known = (await owner.asks("GET", path)).json
    assert (known["name"], known["forgotten"], known["email"]) == ("Siti", False, None)
