"""How the pay page of an app looks: its colour, and a logo that is drawn anew."""

from io import BytesIO
from itertools import count

from PIL import Image

from payment_service.web.pages.brand import LOGO_NAME, logo_of
from tests.service import Answer, Service
from tests.story import App, Story
from tests.web.dashboard.apps.reading import app_of
from tests.web.dashboard.people import Page, Person

GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
KEYS = count()


def picture(kind: str, width: int = 64, height: int = 32) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "#b06a28").save(file, kind)
    return file.getvalue()


async def sets_color(owner: Person, shop: App, color: str) -> Page:
    here = f"/dashboard/apps/{shop.id}/look"
    drawn = (await owner.browser.sees(here)).fields(f"{here}/color")
    return await owner.browser.ask("POST", f"{here}/color", {**drawn, "color": color})


async def uploads(owner: Person, shop: App, file: bytes) -> Page:
    here = f"/dashboard/apps/{shop.id}/look"
    drawn = (await owner.browser.sees(here)).fields(f"{here}/logo")
    return await owner.browser.uploads(f"{here}/logo", "logo", file, version=drawn["version"])


async def pay_page(story: Story) -> str:
    tenant = await story.subscribe(f"Bengkel {next(KEYS)}", "bulanan")
    link = (await tenant.subscription())["pay_url"]
    return (await story.service.ask("GET", link)).body.decode()


async def served(service: Service, page: str, ending: str) -> Answer:
    """What the page asks for that ends so."""
    start = page.index("/brand/")
    addresses = [part.split('"')[0] for part in page[start - 1 :].split('"') if "/brand/" in part]
    (address,) = [one for one in addresses if one.endswith(ending)]
    return await service.ask("GET", address)


async def test_payers_see_the_colour_from_a_stylesheet_of_ours(
    story: Story, shop: App, owner: Person
) -> None:
    page = await owner.browser.follows(await sets_color(owner, shop, "#B06A28"))
    assert "Warna tersimpan." in page.text
    sheet = await served(story.service, await pay_page(story), "b06a28.css")
    assert "fill:#b06a28" in sheet.body.decode()
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert sheet.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in sheet.headers["Cache-Control"]
    for bad in ("/brand/red.css", "/brand/b06a2.css", "/brand/B06A28.css", "/brand/b06a28}.css"):
        assert (await story.service.ask("GET", bad)).status == 404


async def test_what_is_no_colour_is_refused(story: Story, shop: App, owner: Person) -> None:
    before = await app_of(story.service, shop.id)
    for color in ("", "red", "#12345", "#12345g", "#123456;}", "x" * 10_000):
        page = await sets_color(owner, shop, color)
        assert page.status == 422
        assert "Tulis warna seperti #27439b." in page.text
    assert await app_of(story.service, shop.id) == before


async def test_payers_see_the_logo_until_it_is_removed(
    story: Story, shop: App, owner: Person
) -> None:
    here = f"/dashboard/apps/{shop.id}/look"
    assert "<img" not in await pay_page(story)
    for kind in ("PNG", "JPEG", "WEBP"):
        page = await uploads(owner, shop, picture(kind))
        assert "Logo terpasang." in (await owner.browser.follows(page)).text
    html = await pay_page(story)
    logo = await served(story.service, html, ".webp")
    assert logo.headers["Content-Type"] == "image/webp"
    assert logo.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in logo.headers["Cache-Control"]
    assert "sandbox" in logo.headers["Content-Security-Policy"]
    with Image.open(BytesIO(logo.body)) as opened:
        assert (opened.format, opened.size) == ("WEBP", (64, 32))
    assert 'width="72" height="36"' in html
    name = (await app_of(story.service, shop.id)).logo
    drawn = (await owner.browser.sees(here)).fields(f"{here}/logo/remove")
    page = await owner.browser.follows(
        await owner.browser.ask("POST", f"{here}/logo/remove", drawn)
    )
    assert "Logo dihapus." in page.text
    assert "<img" not in await pay_page(story)
    assert (await story.service.ask("GET", f"/brand/{name}.webp")).status == 404


async def test_what_is_no_good_picture_is_refused_and_the_old_logo_stays(
    story: Story, shop: App, owner: Person
) -> None:
    here = f"/dashboard/apps/{shop.id}/look"
    await uploads(owner, shop, picture("PNG"))
    before = await app_of(story.service, shop.id)
    for file, says in (
        (b"", "Pilih gambarnya dulu."),
        (b"<svg onload='alert(1)'/>", "bukan gambar PNG, JPEG, atau WebP"),
        (GIF, "bukan gambar PNG, JPEG, atau WebP"),
        (picture("PNG")[:60], "bukan gambar PNG, JPEG, atau WebP"),
        (picture("PNG") + b"x" * 20_480, "lebih dari 20 KB"),
        (picture("PNG", 4_001, 10), "terlalu lebar atau tinggi"),
        (picture("PNG", 2_500, 2_000), "terlalu lebar atau tinggi"),
    ):
        page = await uploads(owner, shop, file)
        assert page.status == 422, says
        assert says in page.text
    assert (await owner.browser.sends(f"{here}/logo", logo="teks")).status == 422
    page = await owner.browser.uploads(f"{here}/logo", "logo", picture("JPEG"), version="0")
    assert page.status == 409
    assert await app_of(story.service, shop.id) == before


def test_a_logo_of_any_shape_takes_little_of_the_page() -> None:
    for width, height in ((1, 1), (512, 3), (3, 144), (512, 144), (9999, 9999)):
        name = f"{'0' * 32}-{width}x{height}"
        assert LOGO_NAME.fullmatch(name)
        logo = logo_of(name)
        assert 1 <= logo.width <= 128
        assert 1 <= logo.height <= 36
