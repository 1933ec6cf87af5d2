"""Where a crawl of the dashboard goes: each page of the table, in each state, and while what is
done on it can be done."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyotp

from payment_service.actions.register_app import Registration
from payment_service.web.dashboard.door import PREFIX
from payment_service.web.dashboard.routes import ROUTES
from tests.browser.clerk import PASSWORD, Clerk
from tests.browser.office import BusyOffice
from tests.story import register

FILES = ("/pdf",)
FOR_SCRIPTS = ("/webhooks/live",)
STEPS = ("/first/password", "/first/factor", "/sign-in/second")
"""Not reached by their address alone."""
ASKED = {
    "/search": "?q=Bengkel",
    "/subscriptions/{id}/move": "?to=2026-04-30",
    "/subscriptions/{id}/plan": "?plan=tahunan",
}
"""Where something is looked for or chosen before there is anything to see."""
POSTS = {guard.path for guard in ROUTES if guard.method == "POST"}
SHOWN = [
    guard
    for guard in ROUTES
    if guard.method == "GET" and guard.path not in (*FOR_SCRIPTS, *STEPS)
    if not guard.path.endswith(FILES)
]


class Place(NamedTuple):
    """An address, and whether what is sent there can be sent from its page."""

    address: str
    takes_a_form: bool


class Town:
    """A busy office in which every deed has somebody to be done to."""

    def __init__(self, office: BusyOffice) -> None:
        self.office = office
        self._subjects = office.run(_ready(office))

    def places(self, *, public: bool) -> Iterator[Place]:
        for guard in SHOWN:
            if (guard.role is None) is not public:
                continue
            for one in self._ids(guard.path) if "{id}" in guard.path else [""]:
                asked = ASKED.get(guard.path, "")
                address = PREFIX + guard.path.replace("{id}", one) + asked
                yield Place(address, guard.path in POSTS)

    def _ids(self, path: str) -> Iterator[str]:
        noun, _, rest = path.removeprefix("/").partition("/")
        if path in self._subjects:
            yield self._subjects[path]
        elif noun == "subscriptions" and rest != "{id}":
            yield self.office.busy.by_state[noun]["active"]
        else:
            of_states = self.office.busy.by_state.get(noun, {}) if rest == "{id}" else {}
            yield from dict.fromkeys([*of_states.values(), self.office.ids()[noun]])


async def _ready(office: BusyOffice) -> dict[str, str]:
    """Who is cancelled, closed, leaving or on an old price; something falls due tonight."""
    story, found = office.story, office.busy.by_state["subscriptions"]
    app = await story.admin()
    await story.days_pass(3)
    ends, closed = [await story.subscribe(name, "bulanan") for name in ("Joko", "Kurnia")]
    for tenant in (ends, closed):
        await tenant.pays(await tenant.asks_for_code())
    open_one = await story.subscribe("Bengkel Lestari", "tahunan")
    found["pending"] = open_one.id
    gone = (await app.asks("GET", f"/v1/subscriptions/{found['canceled']}")).json
    plans = (await app.asks("GET", "/v1/plans?code=bulanan")).json["data"]
    credited = office.busy.by_state["payments"]["credited"]
    money = (await app.asks("GET", f"/v1/payments/{credited}")).json
    new_app = await register(story.service, Registration(name="Parkir Log", mode="test"))
    for path, body in (
        (f"/v1/subscriptions/{ends.id}/cancel", {"at": "period_end"}),
        (f"/v1/subscriptions/{closed.id}/suspend", {"reason": "tiket 118"}),
    ):
        assert (await app.asks("POST", path, body)).status == 200
    answer = await app.asks("PATCH", f"/v1/plans/{plans[0]['id']}", {"price": 119_000})
    assert answer.status == 200, answer.json
    return {
        "/customers/{id}/refund": money["customer_id"],
        "/apps/{id}/setup/webhook": new_app.id,
        "/subscriptions/{id}/undo-cancel": ends.id,
        "/subscriptions/{id}/resume": closed.id,
        "/invoices/{id}/mark-paid": str(open_one.first_answer["open_invoice"]["id"]),
        "/customers/{id}/forget": gone["customer"]["id"],
        "/plans/{id}/move": plans[0]["id"],
    }


def steps(office: BusyOffice, one: Clerk, email: str) -> Iterator[str]:
    """The pages on the way in, each while it stands open; by the address that it then has."""
    page = one.page
    code = office.invites("Rini Ayu", email)
    one.goes(f"{PREFIX}/first")
    page.locator("#code").fill(code)
    page.locator("main form .button.main").first.click()
    yield f"{PREFIX}/first/password"
    page.locator("#password").fill(PASSWORD)
    page.locator("main form .button.main").first.click()
    yield f"{PREFIX}/first/factor"
    seed = (page.locator(".typed code").text_content() or "").replace(" ", "")
    page.locator("#code").fill(pyotp.TOTP(seed).at(office.clock.now()))
    page.locator("main form[action$=totp] .button").first.click()
    page.locator(".codes").wait_for()
    yield f"{PREFIX}/first/totp"
    one.context.clear_cookies()
    one.goes(f"{PREFIX}/sign-in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form .button.main").first.click()
    yield f"{PREFIX}/sign-in/second"


def picture(folder: str, address: str, name: str) -> Path:
    shot = address.removeprefix(PREFIX).strip("/").replace("/", "-").replace("?", "-")
    return Path(folder) / f"{shot or 'overview'}-{name}.png"
