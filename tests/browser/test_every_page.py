"""Every page of the dashboard's table, in an installation that is in use, by a real Chromium.

With SCREENSHOTS naming a folder, a picture of each is put there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.routes import ROUTES
from tests.browser.axe import violations
from tests.browser.clerk import Clerk, clerk
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE

pytestmark = pytest.mark.usefixtures("browser")
FILES = (".csv", "/pdf")
SHOWN = [guard for guard in ROUTES if guard.method == "GET" and not guard.path.endswith(FILES)]
PICTURES = os.environ.get("SCREENSHOTS")


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("busy")) as built:
        yield built


def addresses(place: BusyOffice, *, public: bool) -> Iterator[str]:
    """Of every page; of one about a thing that has states, one for each state that there is."""
    ids = place.ids()
    for guard in SHOWN:
        if (guard.role is None) is not public:
            continue
        noun, _, rest = guard.path.removeprefix("/").partition("/")
        of_states = place.busy.by_state.get(noun, {}).values() if rest == "{id}" else ()
        for one in dict.fromkeys([*of_states, ids.get(noun, "")]) if "{id}" in rest else [""]:
            yield PREFIX + guard.path.replace("{id}", one)


def faults(one: Clerk, address: str, widths: tuple[int, ...], name: str) -> list[object]:
    """What is wrong with the page at this address: its status, its width, what axe finds."""
    answer = one.page.goto(one.office.origin + address)
    assert answer is not None
    found: list[object] = [answer.status] if answer.status != 200 else []
    for width in widths:
        one.page.set_viewport_size({"width": width, "height": 900})
        wide = one.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{wide} wide at {width}")
        if PICTURES:
            shot = address.removeprefix(PREFIX).strip("/").replace("/", "-") or "overview"
            path = Path(PICTURES) / f"{shot}-{name}-{width}.png"
            one.page.screenshot(path=path, full_page=True)
    return found + list(violations(one.page))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("size", "locale", "scheme", "widths"),
    [(PHONE, "id-ID", "light", (320, 390)), (DESK, "en-GB", "dark", (768, 1024, 1280))],
)
def test_every_page_of_the_table_is_whole_quiet_and_open_to_all(
    place: BusyOffice,
    browser: Browser,
    size: tuple[int, int],
    locale: str,
    scheme: str,
    widths: tuple[int, ...],
) -> None:
    """No sideways scrolling, no complaint of the console, nothing from elsewhere, no obstacle."""
    token = place.session_of("owner", "Siti Rahmawati Kusumaningtyas Wijayakusuma Adi " + scheme)
    wrong: dict[str, object] = {}
    with (
        clerk(place, browser, size, locale, color_scheme=scheme) as inside,
        clerk(place, browser, size, locale, color_scheme=scheme) as outside,
    ):
        inside.has_session(token)
        for one, public in ((outside, True), (inside, False)):
            for address in addresses(place, public=public):
                if found := faults(one, address, widths, f"{locale[:2]}-{scheme}"):
                    wrong[address] = found
    assert wrong == {}
