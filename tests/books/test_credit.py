"""Credit: where it comes from, what it pays by itself, and how it goes back."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from payment_service.books.tell_subscription import tell_stored
from payment_service.books.void_invoice import void_invoice
from payment_service.kit.statements import Transaction, command, save
from payment_service.model.app import app_by_id
from payment_service.model.invoice import invoice_of_app
from payment_service.model.subscription import moved, subscription_of_app
from payment_service.outbox import News, announce
from tests.audit import audited
from tests.story import App, Story, Tenant

UPDATE = command(text("UPDATE credit_entries SET amount = amount + 1"))
DELETE = command(text("DELETE FROM credit_entries"))
CHANGE_PAYMENT = command(text("UPDATE payments SET amount = amount + 1"))


async def paid_twice(story: Story, name: str = "Bengkel Jaya") -> Tenant:
    """Active, with Rp99.000 of credit: a replaced first invoice was paid as well."""
    tenant = await story.subscribe(name, "bulanan")
    code = await tenant.asks_for_code()
    await story.minutes_pass(16)
    second = await tenant.asks_for_code()
    await tenant.pays(second)
    await story.seconds_pass(4)
    await story.notice_comes(await tenant.pays_without_notice(code))
    assert await credit_of(tenant) == 99_000
    return tenant


async def credit_of(tenant: Tenant) -> int:
    return int((await credit(tenant))["balance"])


async def credit(tenant: Tenant) -> dict[str, Any]:
    customer = (await tenant.subscription())["customer"]["id"]
    answer = await tenant.app.asks("GET", f"/v1/customers/{customer}/credit")
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


async def again(tenant: Tenant, plan: str) -> dict[str, Any]:
    """The customer subscribes once more, a second later, in an app that allows several."""
    await tenant.story.seconds_pass(1)
    answer = await tenant.subscribes_again(plan)
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.json
    return made


async def allows_one(story: Story, app: App) -> None:
    def unit(tx: Transaction) -> None:
        before = app_by_id(tx, app.id)
        save(tx, before, msgspec.structs.replace(before, many_subscriptions=False))

    await story.service.runtime.db.write(unit)


@pytest.fixture
async def app(story: Story) -> App:
    return await story.app(many_subscriptions=True)


@pytest.mark.usefixtures("app")
async def test_credit_that_covers_an_invoice_pays_it_when_it_is_issued(story: Story) -> None:
    tenant = await paid_twice(story)
    made = await again(tenant, "bulanan")
    assert (made["status"], made["access"], made["open_invoice"]) == ("active", True, None)
    assert await credit_of(tenant) == 0
    kinds = [entry["kind"] for entry in (await credit(tenant))["entries"]]
    assert kinds == ["applied", "credited"]
    seqs = [e.data["seq"] for e in await story.heard() if e.data["id"] == made["id"]]
    assert sorted(seqs) == [1, 2]


async def test_credit_lowers_what_the_code_of_a_dearer_invoice_asks_for(
    story: Story, app: App
) -> None:
    tenant = await paid_twice(story)
    made = await again(tenant, "tahunan")
    invoice = made["open_invoice"]
    assert (invoice["total"], invoice["credit_applied"], invoice["amount_due"]) == (
        990_000,
        99_000,
        891_000,
    )
    code = await app.asks("POST", f"/v1/invoices/{invoice['id']}/qris")
    assert code.json["amount"] == 891_000
    await story.money_arrives(code.json["charge_id"])
    await story.service.rest()
    paid = (await app.asks("GET", f"/v1/invoices/{invoice['id']}")).json
    assert (paid["status"], paid["credit_applied"]) == ("paid", 99_000)
    assert await credit_of(tenant) == 0


async def test_voiding_gives_applied_credit_back_and_the_next_invoice_takes_it(
    story: Story, app: App
) -> None:
    """Another plan replaces the first invoice: here the credit goes from one to the other."""
    tenant = await paid_twice(story)
    made = await again(tenant, "tahunan")
    await allows_one(story, app)
    replaced = await tenant.subscribes_again("bulanan")
    assert replaced.status == 200
    assert (replaced.json["id"], replaced.json["status"]) == (made["id"], "active")
    kinds = [entry["kind"] for entry in (await credit(tenant))["entries"]]
    assert sorted(kinds) == ["applied", "applied", "credited", "returned"]
    assert await credit_of(tenant) == 0


async def expired_with_its_credit_back(story: Story, app: App) -> tuple[Tenant, str, str]:
    """The yearly invoice, of which credit paid a part, was not paid in time; its code lives on."""
    tenant = await paid_twice(story)
    made = await again(tenant, "tahunan")
    invoice_id = made["open_invoice"]["id"]
    code = (await app.asks("POST", f"/v1/invoices/{invoice_id}/qris")).json
    assert code["amount"] == 891_000
    now = story.clock.now()

    def unit(tx: Transaction) -> None:
        subscription = subscription_of_app(tx, app.id, made["id"])
        ended = moved(subscription, "expired", ended_at=now, seq=subscription.seq + 1)
        save(tx, subscription, ended)
        invoice = invoice_of_app(tx, app.id, invoice_id)
        links = story.service.runtime.links
        voided = void_invoice(tx, links, invoice, "tenant-42", "timeout", now)
        told = tell_stored(tx, links, ended.id)
        news = [voided, News("subscription.expired", ended.id, told, links.passes)]
        announce(tx, app.id, news, now)

    await story.service.runtime.db.write(unit)
    assert await credit_of(tenant) == 99_000
    return tenant, invoice_id, code["charge_id"]


async def test_an_invoice_that_money_revives_takes_its_credit_again(story: Story, app: App) -> None:
    tenant, invoice_id, order_id = await expired_with_its_credit_back(story, app)
    await story.money_arrives(order_id)
    await story.service.rest()
    invoice = (await app.asks("GET", f"/v1/invoices/{invoice_id}")).json
    assert (invoice["status"], invoice["credit_applied"]) == ("paid", 99_000)
    assert await credit_of(tenant) == 0


async def test_money_that_no_longer_suffices_to_revive_is_credit(story: Story, app: App) -> None:
    """The credit that had paid a part was spent meanwhile."""
    tenant, invoice_id, order_id = await expired_with_its_credit_back(story, app)
    await again(tenant, "bulanan")
    assert await credit_of(tenant) == 0
    await story.money_arrives(order_id)
    await story.service.rest()
    assert (await app.asks("GET", f"/v1/invoices/{invoice_id}")).json["status"] == "void"
    assert await credit_of(tenant) == 891_000


async def test_credit_that_is_booked_settles_the_oldest_open_invoice_that_it_covers(
    story: Story, app: App
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "tahunan")
    code = await tenant.asks_for_code()
    dear = await again(tenant, "tahunan")
    cheap = await again(tenant, "bulanan")
    await story.minutes_pass(16)
    fresh = await tenant.asks_for_code()
    await tenant.pays(fresh)
    await story.seconds_pass(4)
    await story.notice_comes(await tenant.pays_without_notice(code))  # Rp990.000 too much
    states = {
        one["id"]: one["status"]
        for one in (await app.asks("GET", "/v1/subscriptions")).json["data"]
    }
    assert (states[dear["id"]], states[cheap["id"]]) == ("active", "pending")
    assert await credit_of(tenant) == 0


async def test_credit_is_paid_out_once_and_never_beyond_what_there_is(story: Story) -> None:
    tenant = await paid_twice(story)
    admin = await story.admin()
    customer = (await tenant.subscription())["customer"]["id"]
    path = f"/v1/customers/{customer}/refunds"
    wanted = {"amount": 60_000, "reference": "BCA 1", "note": "kembali ke pemilik"}
    assert (await tenant.app.asks("POST", path, wanted)).status == 403
    assert (await admin.asks("POST", path, wanted)).status == 201
    twice = await admin.asks("POST", path, wanted)
    assert (twice.status, twice.json["code"]) == (409, "reference_used")
    too_much = await admin.asks("POST", path, {**wanted, "reference": "BCA 2"})
    assert (too_much.status, too_much.json["code"]) == (409, "credit_too_small")
    assert too_much.json["balance"] == 39_000
    rest = {"amount": 39_000, "reference": "BCA 3", "note": "sisanya"}
    assert (await admin.asks("POST", path, rest)).status == 201
    assert await credit_of(tenant) == 0
    refunds = [event.data for event in await story.heard() if event.type == "payment.refunded"]
    assert sorted(refund["amount"] for refund in refunds) == [39_000, 60_000]
    assert await audited(story, customer) == [
        ("credit.refund", "kembali ke pemilik"),
        ("credit.refund", "sisanya"),
    ]


async def test_entries_and_payments_stay_as_they_were_written(story: Story) -> None:
    tenant = await paid_twice(story)
    before = await credit(tenant)
    for change in (UPDATE, DELETE, CHANGE_PAYMENT):

        def unit(tx: Transaction, change: Any = change) -> None:
            tx.run(change)

        with pytest.raises(Exception, match="append-only"):
            await story.service.runtime.db.write(unit)
    assert await credit(tenant) == before


async def test_another_apps_customer_has_no_credit_here(story: Story) -> None:
    tenant = await paid_twice(story)
    customer = (await tenant.subscription())["customer"]["id"]
    other = await story.app(name="Kasir", simulated=True)
    answer = await other.asks("GET", f"/v1/customers/{customer}/credit")
    assert (answer.status, answer.json["code"]) == (404, "customer_not_found")


async def test_the_list_of_entries_is_paged(story: Story, app: App) -> None:
    tenant = await paid_twice(story)
    await again(tenant, "bulanan")
    customer = (await tenant.subscription())["customer"]["id"]
    path = f"/v1/customers/{customer}/credit"
    first = (await app.asks("GET", f"{path}?limit=1")).json
    assert ([entry["kind"] for entry in first["entries"]], first["has_more"]) == (["applied"], True)
    second = (await app.asks("GET", f"{path}?limit=1&after={first['next_after']}")).json
    assert [entry["kind"] for entry in second["entries"]] == ["credited"]
    assert (second["has_more"], second["balance"]) == (False, 0)
