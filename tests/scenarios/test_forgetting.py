"""Forgetting a customer: names go from everywhere, money and numbers stay."""

from typing import Any

from sqlalchemy import select

from payment_service.kit.database import open_database
from payment_service.kit.statements import Transaction, value
from payment_service.migrations.tables import metadata
from payment_service.model.event import events
from tests.invariants import row_counts
from tests.story import App, Story, Tenant

NAME = "Sulistyaningsih"
"""Long: sealed texts lie beside it, and a shorter one stands in them now and then."""
SECRETS = (NAME, "siti@bengkel.id", "0812-3456", "Kebun Jeruk")
WHY = {"reason": "Asked by mail"}


async def known(story: Story) -> Tenant:
    """A tenant who paid and went, with its name in all places that hold one."""
    app = await story.app()
    body: dict[str, Any] = {
        "customer": {
            "reference": "tenant-42",
            "name": NAME,
            "email": "siti@bengkel.id",
            "phone": "0812-3456",
            "metadata": {"alamat": "Kebun Jeruk"},
        },
        "plan": "bulanan",
        "metadata": {"pemilik": NAME},
    }
    answer = await app.asks("POST", "/v1/subscriptions", body, idempotency_key="signup")
    tenant = Tenant(story, app, answer.json)
    one_off = {
        "customer": {"reference": "tenant-42"},
        "lines": [{"description": "Alat", "amount": 50_000}],
        "metadata": {"kirim ke": "Kebun Jeruk"},
    }
    assert (await app.asks("POST", "/v1/invoices", one_off)).status == 201
    code = await tenant.asks_for_code()
    await story.money_arrives(code.order_id)
    await story.service.rest()
    await story.notice_comes({"order_id": code.order_id, "payer": NAME})
    await story.days_pass(5)  # a reminder with the name in it
    return tenant


async def ends(tenant: Tenant) -> None:
    path = f"/v1/subscriptions/{tenant.id}/cancel"
    assert (await tenant.app.asks("POST", path, {"at": "now"})).status == 200


async def everything(database_url: str) -> str:
    """All text of the database."""
    db = open_database(database_url)
    found: list[str] = []

    def read(tx: Transaction) -> None:
        for table in metadata.sorted_tables:
            for column in table.c:
                found.extend(tx.all(value(select(column), str)))

    await db.examine(read)
    await db.close()
    return "\n".join(map(str, found))


async def forget(owner: App, customer_id: str, **headers: str) -> Any:
    return await owner.asks("POST", f"/v1/customers/{customer_id}/forget", WHY, **headers)


async def test_no_name_is_left_anywhere(story: Story, database_url: str) -> None:
    tenant = await known(story)
    before = await everything(database_url)
    assert all(secret in before for secret in SECRETS)
    await ends(tenant)
    owner = await story.admin()
    counts = row_counts(database_url)
    customer = tenant.first_answer["customer"]["id"]
    answer = await forget(owner, customer)
    assert answer.status == 200, answer.body
    assert answer.json == {
        "id": customer,
        "reference": "tenant-42",
        "name": None,
        "email": None,
        "phone": None,
        "metadata": {},
        "forgotten": True,
        "created_at": answer.json["created_at"],
    }
    text = await everything(database_url)
    assert [secret for secret in SECRETS if secret in text] == []
    after = row_counts(database_url)
    assert after["audit_entries"] == counts["audit_entries"] + 1
    changed = {name for name in after if after[name] != counts[name]}
    # The log's lock is a fact, and nobody finds the customer by its name.
    assert changed <= {"audit_entries", "facts", "customer_words"}
    # The replay of an old request, and the events, are whole but for the name.
    invoice = (await owner.asks("GET", "/v1/invoices?customer=tenant-42&status=paid")).json
    assert invoice["data"][0]["total"] == 99_000
    bodies = value(select(events.c.body), str)
    for body in await story.service.runtime.db.read(lambda tx: tx.all(bodies)):
        assert '"type"' in body


async def test_others_of_the_app_are_not_touched(story: Story, database_url: str) -> None:
    other = await story.subscribe("Bengkel Lain", "bulanan")
    tenant = await known(story)
    await ends(tenant)
    owner = await story.admin()
    await forget(owner, tenant.first_answer["customer"]["id"])
    assert (await other.subscription())["customer"]["name"] == "Bengkel Lain"
    assert "Bengkel Lain" in await everything(database_url)
    assert (await forget(owner, "cus_0")).status == 404


async def test_again_it_changes_nothing(story: Story, database_url: str) -> None:
    tenant = await known(story)
    await ends(tenant)
    owner = await story.admin()
    customer = tenant.first_answer["customer"]["id"]
    await forget(owner, customer)
    before = row_counts(database_url)
    assert (await forget(owner, customer)).status == 200
    assert row_counts(database_url) == before


async def test_who_has_an_open_subscription_is_not_forgotten(
    story: Story, database_url: str
) -> None:
    tenant = await known(story)
    owner = await story.admin()
    before = row_counts(database_url)
    answer = await forget(owner, tenant.first_answer["customer"]["id"])
    assert (answer.status, answer.json["code"]) == (409, "subscription_open")
    assert answer.json["id"] == tenant.id
    assert row_counts(database_url) == before
    refused = await forget(tenant.app, tenant.first_answer["customer"]["id"])
    assert (refused.status, refused.json["code"]) == (403, "scope_missing")
