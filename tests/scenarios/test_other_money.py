"""Money that comes where none was expected: old codes, second codes, replaced invoices."""

from tests.story import Code, Story, Tenant


async def two_codes(story: Story) -> tuple[Tenant, Code, Code]:
    """The first has run out when the second is asked for; both can be paid."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    old = await tenant.asks_for_code()
    await story.minutes_pass(16)
    fresh = await tenant.asks_for_code()
    assert fresh.order_id != old.order_id
    return tenant, old, fresh


async def test_an_old_code_pays_the_open_invoice(story: Story) -> None:
    tenant, old, _ = await two_codes(story)
    notice = await tenant.pays_without_notice(old)
    await story.seconds_pass(4)
    await story.notice_comes(notice)
    assert await tenant.status() == "active"
    assert (await story.heard_types()).count("invoice.paid") == 1


async def test_an_old_code_is_found_by_the_sweep_too(story: Story) -> None:
    tenant, old, _ = await two_codes(story)
    await tenant.pays_without_notice(old)
    await story.minutes_pass(4)
    assert await tenant.status() == "active"


async def test_two_codes_paid_are_one_period_and_credit(story: Story) -> None:
    tenant, old, fresh = await two_codes(story)
    await tenant.pays(fresh)
    before = await tenant.subscription()
    assert before["status"] == "active"
    await story.seconds_pass(4)
    await story.notice_comes(await tenant.pays_without_notice(old))
    assert await tenant.subscription() == before
    (credited,) = [event for event in await story.heard() if event.type == "payment.credited"]
    assert (credited.data["amount"], credited.data["invoice_id"]) == (99_000, old.invoice_id)
    assert (await story.heard_types()).count("subscription.activated") == 1


async def test_subscribing_again_while_pending_gives_the_same(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    again = await tenant.subscribes_again("bulanan")
    assert (again.status, again.json) == (200, tenant.first_answer)


async def test_another_plan_while_pending_replaces_the_invoice(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    again = await tenant.subscribes_again("tahunan")
    assert (again.status, again.json["id"]) == (200, tenant.id)
    assert (again.json["plan"]["code"], again.json["seq"]) == ("tahunan", 2)
    assert again.json["open_invoice"]["total"] == 990_000
    replaced = await tenant.invoice(tenant.first_answer["open_invoice"]["id"])
    assert (replaced["status"], replaced["void_reason"]) == ("void", "replaced")
    await tenant.pays(await tenant.asks_for_code())
    assert (await tenant.subscription())["paid_through"] == "2027-01-31"
    assert await story.heard_types() == [
        "invoice.issued",
        "invoice.issued",
        "invoice.paid",
        "invoice.voided",
        "subscription.activated",
        "subscription.created",
        "subscription.updated",
    ]


async def test_a_replaced_first_invoice_that_is_paid_activates_its_plan(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    replacing = (await tenant.subscribes_again("tahunan")).json["open_invoice"]["id"]
    await tenant.pays(code)
    after = await tenant.subscription()
    assert (after["status"], after["plan"]["code"], after["price"]) == ("active", "bulanan", 99_000)
    assert after["paid_through"] == "2026-02-28"
    assert (await tenant.invoice(code.invoice_id))["status"] == "paid"
    other = await tenant.invoice(replacing)
    assert (other["status"], other["void_reason"]) == ("void", "replaced")


async def test_both_first_invoices_paid_are_one_period_and_credit(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    monthly = await tenant.asks_for_code()
    await tenant.subscribes_again("tahunan")
    yearly = await tenant.asks_for_code()
    await tenant.pays(monthly)
    await tenant.pays(yearly)
    after = await tenant.subscription()
    assert (after["plan"]["code"], after["paid_through"]) == ("bulanan", "2026-02-28")
    credited = [event for event in await story.heard() if event.type == "payment.credited"]
    assert [event.data["amount"] for event in credited] == [990_000]


async def test_a_customer_with_access_cannot_subscribe_again(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.pays(await tenant.asks_for_code())
    again = await tenant.subscribes_again("tahunan")
    assert (again.status, again.json["code"]) == (409, "already_subscribed")
    assert again.json["id"] == tenant.id


async def test_a_free_plan_is_active_at_once_and_owes_nothing(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "gratis")
    begun = tenant.first_answer
    assert (begun["status"], begun["access"], begun["seq"]) == ("active", True, 2)
    assert (begun["paid_through"], begun["open_invoice"]) == (None, None)
    assert await story.heard_types() == ["subscription.activated", "subscription.created"]


async def test_a_trial_gives_access_through_its_last_day(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "coba")
    begun = tenant.first_answer
    assert (begun["status"], begun["access"], begun["seq"]) == ("trialing", True, 2)
    assert begun["paid_through"] == "2026-02-14"
    assert await story.heard_types() == ["subscription.created", "subscription.trial_started"]
    assert (await tenant.subscribes_again("coba")).status == 409
