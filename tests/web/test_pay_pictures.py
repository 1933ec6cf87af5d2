"""The picture that a payer keeps: it scans, it says what it is, and it is of the open code only."""

from datetime import timedelta
from io import BytesIO

import msgspec
import pytest
import zxingcpp
from PIL import Image

from payment_service.web.pages.slip import WIDTH, Slip, slip_of, slip_png
from tests.clocks import HandClock
from tests.service import Service
from tests.story import App
from tests.web.pages.pay_views import PAYLOAD, view_of
from tests.web.test_access import refused

LONG = "Bengkel Las Bubut dan Perbaikan Mesin Diesel Putra Mandiri Jaya Abadi Kebumen " * 3


def scanned(picture: Image.Image) -> list[str]:
    """By what looks for such codes, as a bank's app does: to what looks for all kinds of bars a
    code that was drawn may hold some others."""
    kind = zxingcpp.barcode_formats_from_str("QRCode")
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=kind)]


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


async def test_the_picture_carries_the_code_of_the_page_and_its_own_name(
    app: App, service: Service
) -> None:
    made = (await app.subscribes("tenant-1", "bulanan")).json
    path = made["pay_url"].removeprefix(service.origin)
    assert refused(await service.ask("GET", f"{path}/picture.png"), 404, "no_code")
    code = (await app.asks("POST", f"/v1/invoices/{made['open_invoice']['id']}/qris")).json
    answer = await service.ask("GET", f"{path}/picture.png?lang=en")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    number = made["open_invoice"]["number"]
    assert answer.headers["Content-Disposition"] == f'inline; filename="QRIS-{number}.png"'
    assert scanned(opened(answer.body)) == [code["qr_string"]]
    indonesian = await service.ask("GET", f"{path}/picture.png?lang=id")
    assert indonesian.body != answer.body


async def test_there_is_no_picture_of_what_has_run_out_or_is_paid(
    app: App, service: Service, clock: HandClock
) -> None:
    made = (await app.subscribes("tenant-1", "bulanan")).json
    path = made["pay_url"].removeprefix(service.origin)
    await service.ask("POST", f"{path}/code")
    clock.advance(timedelta(minutes=15))
    assert refused(await service.ask("GET", f"{path}/picture.png"), 404, "no_code")
    await service.ask("POST", f"{path}/code")
    assert (await service.ask("GET", f"{path}/picture.png")).status == 200
    await app.asks("POST", f"/v1/test/invoices/{made['open_invoice']['id']}/pay")
    clock.advance(timedelta(seconds=4))
    assert refused(await service.ask("GET", f"{path}/picture.png"), 404, "no_code")


def test_a_gallery_that_shrinks_it_still_gives_a_code_that_scans() -> None:
    picture = opened(slip_png(slip_of(view_of("waiting"), PAYLOAD)))
    assert picture.width == WIDTH
    small = picture.resize((360, picture.height * 360 // picture.width))
    assert scanned(small) == [PAYLOAD]


def test_it_is_small_enough_for_a_slow_line() -> None:
    assert len(slip_png(slip_of(view_of("waiting", test_mode=True), PAYLOAD))) < 48_000


@pytest.mark.parametrize(
    "changes",
    [
        {"app_name": LONG, "plan_name": LONG, "receiver": "R" * 99, "invoice_number": LONG},
        {"app_name": "بنگكل 😀", "plan_name": "车间", "receiver": "\N{RIGHT-TO-LEFT OVERRIDE}x"},
        {"app_name": "x" * 10_000, "plan_name": "<b>\n\0</b>", "period_start": None},
        {"expires_at": None, "invoice_number": None, "receiver": None},
    ],
    ids=["long", "other scripts", "hostile", "nothing known"],
)
def test_no_name_breaks_it(changes: dict[str, object]) -> None:
    picture = opened(slip_png(slip_of(view_of("waiting", "id", **changes), PAYLOAD)))
    assert scanned(picture) == [PAYLOAD]
    edges = [picture.getpixel((x, y)) for x in (20, WIDTH - 20) for y in range(picture.height)]
    assert set(edges) == {255}


def test_what_is_written_on_it_is_what_the_page_says() -> None:
    view = view_of("waiting", total_payment=100_003, fee=1_003, test_mode=True)
    slip = slip_of(view, PAYLOAD)
    said = {field: text.replace("\N{NO-BREAK SPACE}", " ") for field, text in _texts(slip).items()}
    assert said == {
        "payload": PAYLOAD,
        "seller": "BukuBengkel",
        "what": "Paket Bulanan · 23 Nov – 22 Des 2026",
        "amount": "Rp100.003",
        "receiver": "Pakasir",
        "until": "Berlaku sampai 25 Nov 2026, 14.47 WIB",
        "number": "Tagihan BB-2026-000412",
        "warning": "Uji coba, bukan uang sungguhan",
    }


def _texts(slip: Slip) -> dict[str, str]:
    return dict(msgspec.structs.asdict(slip))
