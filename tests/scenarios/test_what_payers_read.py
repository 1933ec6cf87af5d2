"""What the payer's page says when money went another way than straight to its invoice, and when
nothing is due: nobody is asked to pay twice, and nobody is told what is not so."""

import re
from datetime import date, timedelta

from tests.scenarios.renewals import comes_due, pays_old, starts
from tests.scenarios.test_billing_run import paid
from tests.scenarios.test_cancel import does
from tests.scenarios.test_mark_paid import marks
from tests.scenarios.test_paying_ahead import code_ahead
from tests.scenarios.test_reviews import credit, in_doubt, settles
from tests.scenarios.test_suspend_by_hand import asks
from tests.scenarios.test_trials import on_trial
from tests.scenarios.test_void_by_hand import voids
from tests.story import Story, Tenant


def text_of(page: str) -> str:
    """What can be read, without tags, spaces made plain."""
    body = re.sub(r"<[^>]+>", " ", page[page.index("<main") :])
    return re.sub(r" ([.,])", r"\1", " ".join(body.replace("\N{NO-BREAK SPACE}", " ").split()))


async def reads(story: Story, url: str) -> tuple[str, str]:
    """The state of the page, and its text in Indonesian."""
    page = (await story.service.ask("GET", url)).body.decode()
    state = re.search(r'data-state="(\w+)"', page)
    assert state
    return state[1], text_of(page)


async def at_home(tenant: Tenant) -> tuple[str, str]:
    """On the subscription's permanent link."""
    return await reads(tenant.story, tenant.first_answer["pay_url"])


async def test_who_paid_another_sum_is_told_that_a_person_looks_and_not_to_pay_again(
    story: Story,
) -> None:
    tenant, payment = await in_doubt(story, 90_000)
    state, text = await at_home(tenant)
    assert state == "in_review"
    assert "Rp90.000 sampai di penyedia QRIS" in text
    assert "Jangan bayar dua kali." in text
    assert "Buat kode baru" not in text
    await credit(story, payment)
    assert (await at_home(tenant))[0] == "no_code"


async def test_money_in_doubt_that_was_settled_reads_paid_and_names_what_was_over(
    story: Story,
) -> None:
    tenant, payment = await in_doubt(story, 100_000)
    await settles(story, payment)
    state, text = await at_home(tenant)
    assert state == "paid"
    assert "Rp1.000 terbayar lebih." in text


async def test_who_wants_a_new_code_in_spite_of_the_review_gets_one(story: Story) -> None:
    tenant, _ = await in_doubt(story, 90_000)
    await story.seconds_pass(5)
    await story.service.ask("POST", tenant.first_answer["pay_url"] + "/code")
    assert (await at_home(tenant))[0] == "waiting"
    story.clock.advance(timedelta(minutes=16))
    assert (await at_home(tenant))[0] == "in_review"


async def test_money_on_an_old_code_pays_the_invoice_and_the_page_says_so(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    old = await tenant.asks_for_code()
    await story.minutes_pass(16)
    state, text = await at_home(tenant)
    assert state == "expired"
    assert "Terlanjur bayar kode lama? Uangnya tetap masuk ke tagihan ini." in text
    await tenant.asks_for_code()
    await pays_old(story, tenant, old)
    state, text = await at_home(tenant)
    assert state == "paid"
    assert "terbayar lebih" not in text


async def test_who_paid_twice_reads_what_became_of_the_second_payment(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    await tenant.pays(await tenant.asks_for_code())
    await pays_old(story, tenant, first)
    state, text = await at_home(tenant)
    assert state == "paid"
    assert "Rp99.000 terbayar lebih. Uangnya tercatat sebagai saldo Anda" in text


async def test_a_void_invoice_tells_who_paid_it_that_the_money_is_kept(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    invoice = tenant.first_answer["open_invoice"]
    code = await tenant.asks_for_code()
    await does(tenant, "cancel")
    state, text = await reads(story, invoice["pay_url"])
    assert state == "void"
    assert "Terlanjur bayar? Uangnya tercatat atas nama Anda." in text
    await pays_old(story, tenant, code)
    state, text = await reads(story, invoice["pay_url"])
    assert state == "void"
    assert "Rp99.000 sudah sampai. Uangnya tercatat sebagai saldo Anda" in text
    state, text = await at_home(tenant)
    assert state == "nothing_due"
    assert "Langganan ini sudah berakhir" in text


async def test_a_first_invoice_that_timed_out_comforts_who_paid_it_and_money_revives_it(
    story: Story,
) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    code = await tenant.asks_for_code()
    await voids(await story.admin(), code.invoice_id)
    state, text = await at_home(tenant)
    assert state == "void"
    assert "Terlanjur bayar?" in text
    await pays_old(story, tenant, code)
    assert (await at_home(tenant))[0] == "paid"


async def test_credit_that_pays_a_part_is_named_in_the_sum(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "murah")
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    await tenant.pays(await tenant.asks_for_code())
    await pays_old(story, tenant, first)
    path = f"/v1/subscriptions/{tenant.id}/change-plan"
    assert (await tenant.app.asks("POST", path, {"plan": "bulanan"})).status == 200
    await comes_due(story, tenant)
    await tenant.asks_for_code()
    state, text = await at_home(tenant)
    assert state == "waiting"
    assert re.search(r"Rp99.000 − saldo Rp49.000 \+ biaya QRIS Rp[\d.]+ = Rp[\d.]+", text)


async def test_how_it_was_paid_is_named_also_without_a_code(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await marks(await story.admin(), tenant.first_answer["open_invoice"]["id"])
    state, text = await at_home(tenant)
    assert state == "paid"
    assert "Lewat Tunai atau transfer" in text


async def test_who_has_paid_several_periods_gets_the_receipt_of_what_the_page_shows(
    story: Story,
) -> None:
    tenant = await paid(story)
    story.clock.advance(timedelta(hours=1))
    await tenant.pays(await code_ahead(tenant, 3))
    page = (await story.service.ask("GET", tenant.first_answer["pay_url"])).body.decode()
    number = re.search(r">(BB-2026-\d+)-K</a>", page)
    assert number
    assert f"Tagihan {number[1]} " in text_of(page)
    receipt, pdf = re.findall(r'href="(/pay/[^"]+/receipt[^"]*)"', page)
    shown = await story.service.ask("GET", receipt)
    assert number[1] in shown.body.decode()
    drawn = await story.service.ask("GET", pdf)
    assert drawn.headers["Content-Type"] == "application/pdf"


async def test_a_renewal_that_credit_paid_is_paid_by_credit(story: Story) -> None:
    tenant = await starts(story)
    await story.it_becomes(date(2026, 2, 21))
    first = await tenant.asks_for_code()
    await story.minutes_pass(16)
    await tenant.pays(await tenant.asks_for_code())
    await pays_old(story, tenant, first)
    await story.it_becomes(date(2026, 3, 24))
    invoices = (await tenant.app.asks("GET", "/v1/invoices?limit=1")).json["data"]
    state, text = await reads(story, invoices[0]["pay_url"])
    assert (state, "Lewat Saldo Anda" in text) == ("paid", True)
    assert "Rp99.000" in text


async def test_a_trial_is_no_payment_and_is_not_called_one(story: Story) -> None:
    state, text = await at_home(await on_trial(story))
    assert state == "nothing_due"
    assert "Masa coba sampai 14 Februari 2026" in text
    assert "Lunas" not in text


async def test_a_free_plan_asks_for_nothing(story: Story) -> None:
    state, text = await at_home(await story.subscribe("Bengkel Jaya", "gratis"))
    assert state == "nothing_due"
    assert "Paket ini gratis." in text


async def test_who_is_suspended_by_hand_is_not_told_that_all_is_paid(story: Story) -> None:
    tenant = await paid(story)
    story.clock.advance(timedelta(hours=1))
    await asks(await story.admin(), tenant, "suspend")
    state, text = await at_home(tenant)
    assert state == "nothing_due"
    assert "Langganan ini sedang ditangguhkan" in text
    assert "Lunas" not in text


async def test_who_has_canceled_reads_until_when_it_runs_and_that_no_invoice_comes(
    story: Story,
) -> None:
    tenant = await paid(story)
    story.clock.advance(timedelta(hours=1))
    await does(tenant, "cancel")
    state, text = await at_home(tenant)
    assert state == "nothing_due"
    assert "Lunas sampai 28 Februari 2026" in text
    assert "tanpa tagihan baru" in text
    assert "Bayar di muka" not in text


async def test_an_invoice_of_several_lines_says_what_it_is_made_of(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    lines = [{"description": f"Servis {n}", "amount": 10_000 * n} for n in (1, 2, 3)]
    body = {"customer": {"reference": "Bengkel Jaya"}, "lines": lines}
    made = await tenant.app.asks("POST", "/v1/invoices", body)
    assert made.status == 201, made.body
    _, text = await reads(story, made.json["pay_url"])
    assert "Rp60.000" in text
    assert "Servis 1 Rp10.000 Servis 2 Rp20.000 Servis 3 Rp30.000" in text


async def test_the_permanent_link_tells_what_was_paid_and_an_invoices_own_does_not(
    story: Story,
) -> None:
    tenant = await starts(story)
    await comes_due(story, tenant)
    await tenant.pays(await tenant.asks_for_code())
    home, own = tenant.first_answer["pay_url"], tenant.first_answer["open_invoice"]["pay_url"]
    answer = await story.service.ask("GET", f"{home}/history?lang=en")
    text = text_of(answer.body.decode())
    assert text.count("Rp99.000") == 2
    assert "1 Mar – 31 Mar 2026" in text
    for url in re.findall(r'href="(/pay/[^"]+lang=en)"', answer.body.decode()):
        assert (await story.service.ask("GET", url)).status == 200
    assert (await story.service.ask("GET", f"{own}/history")).status == 404


async def test_a_long_past_is_turned_over_page_by_page(story: Story) -> None:
    tenant = await starts(story)
    for _ in range(12):  # each code pays two invoices: its own, and one of the further periods
        await story.minutes_pass(1)
        await tenant.pays(await code_ahead(tenant, 3))
    home = tenant.first_answer["pay_url"]
    first = (await story.service.ask("GET", f"{home}/history")).body.decode()
    older = re.search(r'href="(\?[^"]+before=[^"]+)"', first)
    assert older
    rest = (await story.service.ask("GET", home + "/history" + older[1].replace("&amp;", "&"))).body
    assert first.count("<li>") - 1 == 24
    assert rest.decode().count("<li>") - 1 == 1
