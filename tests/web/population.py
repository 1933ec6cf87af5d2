"""An app's books after some fifty days: tenants, invoices and payments in every state."""

from typing import Any, NamedTuple

from tests.service import Service
from tests.story import App, owner_of


class Population(NamedTuple):
    """The app, with a key that may do all, and the ids of what is in its books."""

    owner: App
    subscriptions: dict[str, str]


async def populated(service: Service, app: App) -> Population:
    owner = await owner_of(service, app)
    ids: dict[str, str] = {}

    async def buys(reference: str, plan: str, *, pays: bool) -> dict[str, Any]:
        told: dict[str, Any] = (await owner.subscribes(reference, plan)).json
        ids[reference] = told["id"]
        if pays:
            invoice = told["open_invoice"]["id"]
            paid = await owner.asks("POST", f"/v1/test/invoices/{invoice}/pay")
            assert paid.status == 200, paid.body
        return told

    async def does(path: str, body: Any, status: int = 200) -> dict[str, Any]:
        answer = await owner.asks("POST", path, body)
        assert answer.status == status, answer.body
        told: dict[str, Any] = answer.json
        return told

    def one_off(reference: str, due_on: str) -> dict[str, Any]:
        lines = [{"description": "Alat", "amount": 50_000}]
        return {"customer": {"reference": reference}, "lines": lines, "due_on": due_on}

    async def days_until(day: str) -> None:
        moved = await owner.asks("POST", "/v1/test/clock", {"advance_to": day})
        assert moved.status == 200, moved.body

    why = {"reason": "tiket 118"}
    await buys("paid-once", "bulanan", pays=True)
    await buys("never-paid", "bulanan", pays=False)
    await buys("a-year", "tahunan", pays=True)
    await buys("trial", "coba", pays=False)
    await buys("free", "gratis", pays=False)
    await days_until("2026-02-05")
    await buys("ends", "murah", pays=True)
    await does(f"/v1/subscriptions/{ids['ends']}/cancel", None)
    await buys("held", "bulanan", pays=True)
    await does(f"/v1/subscriptions/{ids['held']}/suspend", why)
    due_late = await does("/v1/invoices", one_off("a-year", "2026-12-31"), 201)
    by_hand = await does("/v1/invoices", one_off("paid-once", "2026-02-06"), 201)
    voided = await does("/v1/invoices", one_off("free", "2026-02-07"), 201)
    await does(f"/v1/invoices/{voided['id']}/void", why)
    await days_until("2026-02-20")
    mark = {"reference": "BCA 1", "note": "Transfer", "paid_on": "2026-02-08"}
    await does(f"/v1/invoices/{by_hand['id']}/mark-paid", mark, 201)
    await buys("newer", "bulanan", pays=True)
    upgrade = {"plan": "tahunan", "at": "now"}
    await does(f"/v1/subscriptions/{ids['newer']}/change-plan", upgrade)
    await days_until("2026-03-05")  # in grace, or over, by now
    await buys("newest", "murah", pays=False)
    await buys("changing", "bulanan", pays=True)
    await does(f"/v1/subscriptions/{ids['changing']}/change-plan", {"plan": "murah"})
    await does(f"/v1/invoices/{due_late['id']}/qris", None)
    return Population(owner, ids)
