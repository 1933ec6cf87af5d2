"""Paying ahead on the page: what is offered, what a choice gives, and what is shown as paid."""

from datetime import date, timedelta

from tests.scenarios.test_billing_run import paid
from tests.scenarios.test_paying_ahead import asks_ahead, code_ahead
from tests.story import Story, Tenant


async def shown_to(tenant: Tenant) -> str:
    """The page of the permanent link, in Indonesian."""
    page = await tenant.story.service.ask("GET", tenant.first_answer["pay_url"])
    assert page.status == 200
    return page.body.decode()


def offered(page: str) -> list[int]:
    return [
        periods
        for periods in (1, 3, 6, 12)
        if f'type="radio" name="periods" value="{periods}"' in page
    ]


async def test_the_permanent_link_offers_it_and_keeps_to_it(story: Story) -> None:
    tenant = await paid(story)
    story.clock.advance(story.clock.now() - story.clock.now().replace(hour=0))
    page = tenant.first_answer["pay_url"]
    shown = (await story.service.ask("GET", page)).body.decode()
    assert 'data-state="nothing_due"' in shown
    assert "Lunas sampai 28" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert [f'value="{count}"' in shown for count in (1, 3, 6, 12)] == [True] * 4
    answer = await story.service.ask("POST", f"{page}/code", data={"periods": "3"})
    assert answer.status == 303
    shown = (await story.service.ask("GET", page)).body.decode()
    assert 'data-state="waiting"' in shown
    assert "Rp297.000" in shown


async def test_who_has_just_paid_reads_so_on_the_permanent_link(story: Story) -> None:
    tenant = await paid(story)
    shown = (await story.service.ask("GET", tenant.first_answer["pay_url"])).body.decode()
    assert 'data-state="paid"' in shown


async def test_a_payer_who_chose_a_year_can_go_back_to_one_period(story: Story) -> None:
    tenant = await paid(story)
    await code_ahead(tenant, 12)
    assert offered(await shown_to(tenant)) == [1, 3, 6]
    story.clock.advance(timedelta(minutes=1))
    page = tenant.first_answer["pay_url"]
    await story.service.ask("POST", f"{page}/code", data={"periods": "1"})
    shown = await shown_to(tenant)
    assert offered(shown) == [3, 6, 12]
    assert "Rp99.000" in shown


async def test_what_is_more_than_qris_takes_or_36_months_is_not_offered(story: Story) -> None:
    tenant = await paid(story, plan="tahunan")
    story.clock.advance(timedelta(hours=1))
    assert offered(await shown_to(tenant)) == [1, 3]
    app = tenant.app
    dear = {"code": "besar-sekali", "name": "Besar sekali", "price": 3_000_000, "months": 1}
    assert (await app.asks("POST", "/v1/plans", dear)).status == 201
    big = await paid(story, "Pabrik", plan="besar-sekali")
    story.clock.advance(timedelta(hours=1))
    assert offered(await shown_to(big)) == [1, 3]
    before = await big.subscription()
    answer = await asks_ahead(big, 6)
    assert (answer.status, answer.json["code"]) == (422, "amount_outside_limits")
    assert "Rp10.000.000" in answer.json["detail"]
    assert await big.subscription() == before


async def test_the_sum_on_the_page_is_the_sum_of_the_code(story: Story) -> None:
    """Also where the period was sold dearer than three of them are now."""
    tenant = await paid(story, plan="hemat")
    plans = (await tenant.app.asks("GET", "/v1/plans?limit=100")).json["data"]
    plan = next(plan["id"] for plan in plans if plan["code"] == "hemat")
    cheap = {"price": 10_000, "prices_ahead": {"3": 28_000}}
    assert (await tenant.app.asks("PATCH", f"/v1/plans/{plan}", cheap)).status == 200
    story.clock.advance(timedelta(hours=1))
    page = await shown_to(tenant)
    code = await code_ahead(tenant, 3)
    assert code.amount == 99_001
    assert "Rp99.001" in page


async def test_who_is_suspended_by_hand_pays_nothing_ahead(story: Story) -> None:
    tenant = await paid(story)
    await story.until(date(2026, 2, 25))
    owner = await story.admin()
    await owner.asks("POST", f"/v1/subscriptions/{tenant.id}/suspend", {"reason": "tiket 118"})
    answer = await asks_ahead(tenant, 3)
    assert (answer.status, answer.json["code"]) == (409, "nothing_to_pay_ahead")
    assert offered(await shown_to(tenant)) == []


async def test_nothing_is_issued_early_that_nobody_chose(story: Story) -> None:
    """A GET makes no code, and nothing that is sent instead of a choice is taken for one."""
    tenant = await paid(story)
    story.clock.advance(timedelta(hours=1))
    page = tenant.first_answer["pay_url"]
    await story.service.ask("GET", page)
    assert (await tenant.subscription())["open_invoice"] is None
    for wrong in ("0", "-3", "7", "٣", "12 ", "1e1", "99999999999999999999"):
        answer = await story.service.ask("POST", f"{page}/code", data={"periods": wrong})
        assert answer.status == 303
        assert (await tenant.subscription())["open_invoice"] is None


async def test_a_page_left_open_over_the_payment_issues_nothing_by_itself(story: Story) -> None:
    """Its script asks for a code without a choice, and asks again when the gateway gave none."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = f"{tenant.first_answer['pay_url']}/code"
    assert (await story.service.ask("POST", code)).status == 303
    await tenant.pays(await tenant.asks_for_code())
    for later in (timedelta(), timedelta(hours=2)):
        story.clock.advance(later)
        assert (await story.service.ask("POST", code)).status == 303
        assert (await tenant.subscription())["open_invoice"] is None
    await story.service.ask("POST", code, data={"periods": "1"})
    assert (await tenant.subscription())["open_invoice"]["total"] == 99_000


async def test_a_gateway_that_is_away_leaves_the_choice_on_the_page(story: Story) -> None:
    tenant = await paid(story)
    story.clock.advance(timedelta(hours=1))
    page = tenant.first_answer["pay_url"]
    await story.pakasir.stop()
    answer = await story.service.ask("POST", f"{page}/code", data={"periods": "3"})
    shown = answer.body.decode()
    assert (answer.status, 'data-state="gateway_silent"' in shown) == (503, True)
    assert 'type="hidden" name="periods" value="3"' in shown
    assert "Rp297.000" in shown
    assert 'type="hidden" name="periods" value="3"' in await shown_to(tenant)
    await story.pakasir.start()
    await story.service.ask("POST", f"{page}/code", data={"periods": "3"})
    assert 'data-state="waiting"' in await shown_to(tenant)


async def test_an_invoices_own_page_shows_the_code_that_paid_it(story: Story) -> None:
    """Not the one shown last, and the days that it bought however much is bought after it."""
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    one = await tenant.asks_for_code()
    story.clock.advance(timedelta(minutes=1))
    three = await code_ahead(tenant, 3)
    await tenant.pays(three)
    invoice = await tenant.invoice(one.invoice_id)
    shown = (await story.service.ask("GET", invoice["pay_url"])).body.decode()
    story.clock.advance(timedelta(minutes=1))
    await tenant.pays(await code_ahead(tenant, 12))
    assert (await tenant.subscription())["paid_through"] == "2027-04-30"
    for page in (shown, (await story.service.ask("GET", invoice["pay_url"])).body.decode()):
        plain = page.replace("\N{NO-BREAK SPACE}", " ")
        assert 'data-state="paid"' in plain
        assert "Rp297.000" in plain
        assert "30 Apr 2026" in plain


async def test_an_old_code_of_one_period_is_shown_as_what_was_paid(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    one = await tenant.asks_for_code()
    story.clock.advance(timedelta(minutes=1))
    await code_ahead(tenant, 12)
    await tenant.pays(one)
    shown = await shown_to(tenant)
    assert 'data-state="paid"' in shown
    assert "Rp99.000" in shown
    assert "Rp1.188.000" not in shown
