"""Who is let in, who is not, and that the others' things look as if they were not there."""

from payment_service.actions.create_key import create_key
from payment_service.actions.revoke_key import revoke_key
from payment_service.model.audit import By
from tests.invariants import row_counts
from tests.service import Answer, Service
from tests.story import App

PLAN = {"code": "mingguan", "name": "Mingguan", "price": 30_000, "months": 1}
SUBSCRIPTION = {"customer": {"reference": "tenant-1"}, "plan": "bulanan"}


def refused(answer: Answer, status: int, code: str) -> bool:
    """A refusal is a problem+json with a stable code and a sentence."""
    told = answer.json
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert told["detail"].endswith((".", "…")), told
    assert (answer.status, told["status"], told["code"]) == (status, status, code), told
    return True


async def test_without_a_key_nothing_is_told_or_done(
    service: Service, app: App, database_url: str
) -> None:
    made = (await app.asks("POST", "/v1/subscriptions", SUBSCRIPTION)).json
    invoice_id = made["open_invoice"]["id"]
    before = row_counts(database_url)
    for method, path, body in (
        ("GET", "/v1/plans", None),
        ("GET", "/v1/plans/plan_1", None),
        ("POST", "/v1/plans", PLAN),
        ("GET", "/v1/subscriptions", None),
        ("POST", "/v1/subscriptions", SUBSCRIPTION),
        ("GET", f"/v1/subscriptions/{made['id']}", None),
        ("GET", f"/v1/invoices/{invoice_id}", None),
        ("POST", f"/v1/invoices/{invoice_id}/qris", None),
    ):
        options = {} if body is None else {"json": body}
        answer = await service.ask(method, path, **options)
        assert refused(answer, 401, "missing_key"), path
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert refused(
            await app.asks(method, path, body, authorization="Bearer psk_test_x"),
            401,
            "invalid_key",
        )
    assert row_counts(database_url) == before


async def test_unknown_revoked_and_damaged_keys_are_told_the_same(
    service: Service, app: App
) -> None:
    db, now = service.runtime.db, service.runtime.clock.now()
    lost, secret = await db.write(create_key, app.id, "lost", ("read",), now)
    assert (await app.asks("GET", "/v1/plans", authorization=f"Bearer {secret}")).status == 200
    await db.write(revoke_key, lost, By("owner", "lost", now))
    answers = [
        await app.asks("GET", "/v1/plans", authorization=f"Bearer {key}")
        for key in (
            secret,
            secret[:-1] + ("0" if secret[-1] != "0" else "1"),
            secret.replace("psk_test", "psk_live"),
            "psk_test_" + "a" * 38,
            "ähnlich",
        )
    ]
    assert [refused(answer, 401, "invalid_key") for answer in answers] == [True] * 5
    assert all("Ask the owner" in answer.json["detail"] for answer in answers)
    assert len({answer.body for answer in answers}) == 1


async def test_a_key_may_do_only_what_it_is_for(
    service: Service, app: App, database_url: str
) -> None:
    db, now = service.runtime.db, service.runtime.clock.now()
    _, reading = await db.write(create_key, app.id, "reader", ("read",), now)
    bearer = f"Bearer {reading}"
    assert (await app.asks("GET", "/v1/plans", authorization=bearer)).status == 200
    before = row_counts(database_url)
    answer = await app.asks("POST", "/v1/plans", PLAN, authorization=bearer)
    assert refused(answer, 403, "scope_missing")
    assert row_counts(database_url) == before


async def test_another_apps_things_look_as_if_they_were_not_there(
    app: App, other: App, database_url: str
) -> None:
    made = (await app.asks("POST", "/v1/subscriptions", SUBSCRIPTION)).json
    plan_id, invoice_id = made["plan"]["id"], made["open_invoice"]["id"]
    before = row_counts(database_url)
    for method, path, theirs, code in (
        ("GET", "/v1/plans/{}", plan_id, "plan_not_found"),
        ("GET", "/v1/subscriptions/{}", made["id"], "subscription_not_found"),
        ("GET", "/v1/invoices/{}", invoice_id, "invoice_not_found"),
        ("POST", "/v1/invoices/{}/qris", invoice_id, "invoice_not_found"),
    ):
        anothers = await other.asks(method, path.format(theirs))
        missing = await other.asks(method, path.format(theirs[:-16] + "z" * 16))
        assert refused(anothers, 404, code)
        assert (anothers.status, anothers.body) == (missing.status, missing.body)
        assert (await app.asks(method, path.format(theirs))).status == 200
    for path in ("/v1/subscriptions", "/v1/subscriptions?customer=tenant-1"):
        assert (await other.asks("GET", path)).json["data"] == []
    assert (await other.asks("GET", "/v1/plans?limit=100")).json["data"] != []
    after = row_counts(database_url)
    assert {**after, "charges": 0, "simulated_codes": 0} == {
        **before,
        "charges": 0,
        "simulated_codes": 0,
    }
    assert after["charges"] == 1  # the app's own
