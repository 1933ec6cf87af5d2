"""A workshop signs up, pays and gets in; nobody else does."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from .fake_service import FakeService
from .visitor import Visitor, hidden_field

Visit = Callable[..., Visitor]
pytestmark = pytest.mark.usefixtures("service")


async def hear(visitor: Visitor, delivery: tuple[str, dict[str, str]]) -> int:
    body, headers = delivery
    async with visitor.http.post(
        f"{visitor.url}/webhooks/payment-service", data=body, headers=headers
    ) as answer:
        return answer.status


async def status(visitor: Visitor) -> str:
    async with visitor.http.get(f"{visitor.url}/status") as answer:
        return str((await answer.json())["state"])


async def test_a_workshop_signs_up_pays_and_gets_in(visit: Visit, service: FakeService) -> None:
    jaya = visit()
    plans = await jaya.sign_up()
    assert plans.path == "/plans"
    assert "Rp99.000" in plans.text
    assert "Rp990.000" in plans.text

    pay = await jaya.choose("bulanan")
    assert pay.path == "/pay"
    assert "Rp100.003" in pay.text
    assert "Rp99.000 + biaya QRIS Rp1.003" in pay.text
    assert "TEST JANGAN DIBAYAR" in pay.text
    assert "Uji coba" in pay.text
    subscription = service.subscription_of("Bengkel Jaya Motor")
    assert subscription["pay_url"] in pay.text
    assert (await jaya.open("/pay/qr.svg")).text.startswith("<?xml")
    assert (await jaya.open("/pay/qr.png")).headers["Content-Type"] == "image/png"
    assert await status(jaya) == "waiting"
    assert (await jaya.open("/workshop")).status == 402

    service.pay(subscription)
    news = service.webhook("evt_1", "subscription.activated", subscription)
    assert await hear(jaya, news) == 204
    assert await status(jaya) == "open"
    assert "Aktif sampai 22 Desember 2026" in (await jaya.open("/pay")).text.replace("\xa0", " ")
    workshop = await jaya.open("/workshop")
    assert workshop.status == 200
    assert "Pekerjaan hari ini" in workshop.text


async def test_opening_the_pay_page_asks_the_service_for_nothing(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    await jaya.choose()
    asked = list(service.requests)
    await jaya.open("/pay")
    await status(jaya)
    assert service.requests == asked


async def test_a_second_press_on_the_same_form_makes_no_second_subscription(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    form = {"plan": "bulanan", "attempt": hidden_field(await jaya.open("/plans"), "attempt")}
    await jaya.send("/subscribe", form)
    await jaya.send("/subscribe", form)
    assert len(service.subscriptions) == 1


async def test_one_workshop_sees_nothing_of_another(visit: Visit, service: FakeService) -> None:
    jaya, sari = visit(), visit()
    await jaya.sign_up("Bengkel Jaya Motor")
    await jaya.choose()
    await sari.sign_up("Sari Servis")
    subscription = service.subscription_of("Bengkel Jaya Motor")
    service.pay(subscription)
    await hear(jaya, service.webhook("evt_1", "subscription.activated", subscription))
    await jaya.send("/workshop/jobs", {"plate": "B 1 JAYA", "task": "Ganti aki"})

    assert "B 1 JAYA" in (await jaya.open("/workshop")).text
    assert (await sari.open("/workshop")).status == 402
    assert (await sari.open("/pay/qr.svg")).status == 404
    assert await status(sari) == "none"

    await sari.choose("tahunan")
    other = service.subscription_of("Sari Servis")
    assert other["customer"]["reference"] != subscription["customer"]["reference"]
    service.pay(other)
    await hear(sari, service.webhook("evt_2", "subscription.activated", other))
    workshop = (await sari.open("/workshop")).text
    assert "Sari Servis" in workshop
    assert "B 1 JAYA" not in workshop


async def test_a_workshop_without_access_cannot_write_into_its_book(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    await jaya.choose()
    await jaya.send("/workshop/jobs", {"plate": "B 2 X", "task": "Ganti aki"})
    subscription = service.subscription_of("Bengkel Jaya Motor")
    service.pay(subscription)
    await hear(jaya, service.webhook("evt_1", "subscription.activated", subscription))
    assert "B 2 X" not in (await jaya.open("/workshop")).text


async def test_a_code_that_ran_out_is_replaced_on_demand(
    visit: Visit, service: FakeService
) -> None:
    service.lifetime = timedelta(seconds=-1)
    jaya = visit()
    await jaya.sign_up()
    assert "Kode ini lewat waktu" in (await jaya.choose()).text
    service.lifetime = timedelta(minutes=15)
    assert "Simpan gambar kode" in (await jaya.send("/pay/code")).text


async def test_a_payment_whose_webhook_is_lost_is_found_by_asking(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    await jaya.choose()
    assert "Jangan bayar dua kali" in (await jaya.send("/pay/check")).text
    service.pay(service.subscription_of("Bengkel Jaya Motor"))
    assert "Akses terbuka" in (await jaya.send("/pay/check")).text


async def test_an_invoice_covered_by_credit_opens_without_a_code(
    visit: Visit, service: FakeService
) -> None:
    service.credit = True
    jaya = visit()
    await jaya.sign_up()
    assert "Pekerjaan hari ini" in (await jaya.choose()).text


async def test_a_free_plan_opens_at_once(visit: Visit, service: FakeService) -> None:
    jaya = visit()
    await jaya.sign_up()
    service.plans[0]["price"] = 0
    assert "Gratis" in (await jaya.open("/plans")).text
    assert "Pekerjaan hari ini" in (await jaya.choose()).text


async def test_grace_keeps_the_workshop_open_and_says_until_when(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    await jaya.choose()
    subscription = service.subscription_of("Bengkel Jaya Motor")
    service.move(subscription, status="grace", access=True, grace_until="2026-11-29")
    await hear(jaya, service.webhook("evt_1", "subscription.grace_started", subscription))
    workshop = (await jaya.open("/workshop")).text.replace("\xa0", " ")
    assert "berhenti setelah 29 November 2026" in workshop
    # The invoice is still owed, so its code stays on show although access is open.
    assert await status(jaya) == "waiting"


async def test_suspension_locks_the_workshop_and_offers_to_pay(
    visit: Visit, service: FakeService
) -> None:
    jaya = visit()
    await jaya.sign_up()
    await jaya.choose()
    subscription = service.subscription_of("Bengkel Jaya Motor")
    service.move(subscription, status="suspended", reason="nonpayment")
    await hear(jaya, service.webhook("evt_1", "subscription.suspended", subscription))
    locked = await jaya.open("/workshop")
    assert locked.status == 402
    assert "Bayar Rp99.000" in locked.text

    service.move(subscription, reason="manual")
    await hear(jaya, service.webhook("evt_2", "subscription.suspended", subscription))
    locked = await jaya.open("/workshop")
    assert "Hubungi BukuBengkel" in locked.text
    assert "Bayar Rp99.000" not in locked.text


async def test_pages_follow_the_language_of_the_browser(visit: Visit) -> None:
    assert "Sign up your workshop" in (await visit("en-GB,en;q=0.9").open("/")).text
    assert "Daftarkan bengkel" in (await visit("id,en;q=0.9").open("/")).text
    assert "Daftarkan bengkel" in (await visit("fr").open("/")).text


async def test_a_page_that_needs_a_workshop_sends_strangers_to_sign_up(visit: Visit) -> None:
    for path in ("/plans", "/pay", "/workshop"):
        assert (await visit().open(path)).path == "/sign-up"


async def test_leaving_ends_the_session(visit: Visit) -> None:
    jaya = visit()
    await jaya.sign_up()
    cookies = {cookie.key: cookie.value for cookie in jaya.http.cookie_jar}
    await jaya.send("/sign-out")
    stranger = visit()
    stranger.http.cookie_jar.update_cookies(cookies)
    assert re.match("/sign-up", (await stranger.open("/workshop")).path)
