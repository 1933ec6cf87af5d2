"""The one search of everything: what was found, of which kind, whose it is and how it stands."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, get_args

from starlette.responses import Response

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import APPS, App
from payment_service.model.concern import Concern, concerns
from payment_service.model.hit import Hit, Kind
from payment_service.model.search import LONGEST, MOST, SHORTEST, search
from payment_service.web.dashboard.ask import Ask

KINDS: tuple[Kind, ...] = get_args(Kind)


class Found(NamedTuple):
    """A hit with the app that it belongs to and that app's local day. `concern` is how it stands,
    of a customer how the latest subscription does, if there is one."""

    hit: Hit
    app: App
    today: date
    concern: Concern | None


async def show_search(ask: Ask) -> Response:
    text = ask.query.get("q", "")[:LONGEST]
    found = await ask.read(_found, ask, text)
    groups = {kind: [one for one in found if one.hit.kind == kind] for kind in KINDS}
    return ask.page(
        "overview/search.html",
        text=text.strip(),
        groups={kind: rows for kind, rows in groups.items() if rows},
        is_short=len(text.strip()) < SHORTEST,
        is_cut=len(found) >= MOST,
        most=MOST,
    )


def _found(tx: Transaction, ask: Ask, text: str) -> list[Found]:
    hits = search(tx, text)
    about = {hit: hit.subscription_id if hit.kind == "customer" else hit.id for hit in hits}
    known = concerns(tx, [one for one in about.values() if one])
    apps = {app.id: app for app in tx.all(APPS)} if hits else {}
    return [_of(ask, hit, apps, known.get(about[hit] or "")) for hit in hits]


def _of(ask: Ask, hit: Hit, apps: Mapping[str, App], concern: Concern | None) -> Found:
    app = apps[hit.app_id]
    return Found(hit, app, local_date(app.at(ask.now), app.zone), concern)
