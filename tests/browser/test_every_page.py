"""Every page of the dashboard's table, in an installation that is in use, by a real Chromium.

With SCREENSHOTS naming a folder, a picture of each is put there.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Response

from tests.browser.axe import comes_with_axe, violations
from tests.browser.clerk import Clerk, clerk
from tests.browser.crawl import Town, picture, steps
from tests.browser.looks import FEWER, LOOKS, OPEN_ALL, SMALL_TARGETS, TOUCHED, WIDTHS
from tests.browser.office import BusyOffice, busy_office
from tests.browser.person import DESK, PHONE
from tests.counts import times

pytestmark = pytest.mark.usefixtures("browser")
PICTURES = os.environ.get("SCREENSHOTS")
HERE = ".side [aria-current=page], .tabs a[href$='/more'][aria-current=page]"
FORM = "form[method=post][action='{}']"
LOCALES = ("id-ID", "en-GB")
IN_EACH = times(0, 1, push=1)
"""Whether each page is looked at in each language; in short, four by four, they take turns."""


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    assert browser.is_connected()
    with busy_office(tmp_path_factory.mktemp("busy")) as built:
        yield built


@pytest.fixture(scope="module")
def town(place: BusyOffice) -> Town:
    return Town(place)


def opened(one: Clerk, address: str, *, takes_a_form: bool) -> list[str]:
    """Goes there; whether that is the page that answers, with what can be done on it."""
    answer: Response | None = one.page.goto(one.office.origin + address)
    assert answer is not None
    found = [f"answers {answer.status}"] if answer.status != 200 else []
    if one.page.url != one.office.origin + address:
        found.append(f"led to {one.page.url}")
    if takes_a_form and not one.page.locator(FORM.format(address.partition("?")[0])).count():
        found.append("cannot be done here")
    return found


def faults(one: Clerk, address: str, name: str, *, axe_at: int) -> list[str]:
    """What is wrong with the open page at some width, folded up as it comes and all unfolded."""
    found: dict[str, None] = {}
    page = one.page
    if page.locator(".button.main:visible").count() > 1:
        found["more than one main button"] = None
    if page.locator(".side").count() and not page.locator(HERE).count():
        found["the menu does not say where it is"] = None
    for width in WIDTHS if "id" in name else FEWER:
        page.set_viewport_size({"width": width, "height": 900})
        found.update(dict.fromkeys(f"at {width} {fault}" for fault in page.evaluate(LOOKS)))
        if width == TOUCHED:
            found.update(dict.fromkeys(f"small: {one}" for one in page.evaluate(SMALL_TARGETS)))
        if PICTURES:
            page.screenshot(path=picture(PICTURES, address, f"{name}-{width}"), full_page=True)
    page.evaluate(OPEN_ALL)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    found.update(dict.fromkeys(f"open {fault}" for fault in page.evaluate(LOOKS)))
    page.set_viewport_size({"width": axe_at, "height": 900})
    return [*found, *(f"axe: {violation}" for violation in violations(page))]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_of_the_table_is_whole_quiet_and_open_to_all(
    place: BusyOffice, town: Town, browser: Browser, locale: str
) -> None:
    """At every width, each page in light or in dark, and in the other one in the other language:
    nothing sticks out or scrolls sideways, no word is broken, no complaint of the console, nothing
    from elsewhere, no obstacle, nothing too small for a finger."""
    token = place.session_of("owner", "Siti Rahmawati Kusumaningtyas Wijayakusuma Adi " + locale)
    wrong: list[str] = []
    with ExitStack() as stack:

        def comes(scheme: str) -> Clerk:
            one = stack.enter_context(clerk(place, browser, DESK, locale, color_scheme=scheme))
            comes_with_axe(one.context)
            return one

        inside = {"light": comes("light"), "dark": comes("dark")}
        for one in inside.values():
            one.has_session(token)
        outside, newcomer = comes("light"), comes("dark")
        schemes = ("light", "dark") if locale == "id-ID" else ("dark", "light")
        for public in (True, False):
            for at, (address, takes_a_form) in enumerate(town.places(public=public)):
                if not IN_EACH and locale != LOCALES[at // 4 % 2]:
                    continue
                scheme = schemes[at % 2]
                one = outside if public else inside[scheme]
                width = (PHONE, DESK)[(at // 2) % 2][0]
                found = opened(one, address, takes_a_form=takes_a_form)
                found += faults(one, address, f"{locale}-{scheme}", axe_at=width)
                wrong += [f"{address} {fault}" for fault in found]
        for address in steps(place, newcomer, f"rini.{locale}@bengkel.id".lower()):
            assert newcomer.is_at(address)
            found = faults(newcomer, address, locale, axe_at=DESK[0])
            wrong += [f"{address} {fault}" for fault in found]
    assert not wrong, "\n".join(wrong)


def test_a_picture_that_is_missing_is_complained_about(place: BusyOffice, browser: Browser) -> None:
    add = "document.body.append(Object.assign(new Image(), { src: '/nothing.svg' }))"
    with clerk(place, browser, DESK, "en-GB") as one:
        one.goes("/dashboard/nothing")
        with one.page.expect_console_message():
            one.page.evaluate(add)
        complaints, one.complaints = one.complaints, []
    assert [said.rpartition("/")[2] for said in complaints] == ["nothing.svg"]
