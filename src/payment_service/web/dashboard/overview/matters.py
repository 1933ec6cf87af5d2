"""What needs somebody, as pages tell it: about whom it is, how grave, and where it leads."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.attention import ADDRESSES, Matter, attention
from payment_service.model.billing_run import RUNS_OF_DAY, BillingRun
from payment_service.model.concern import Concern, concerns
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX

GRAVE = frozenset(
    {
        "amount_differs", "sandbox_money_in_live_app", "live_money_in_test_app", "books_differ",
        "suspensions_held", "paid_then_canceled", "endpoint_off", "delivery_failed",
        "gateway_refused", "gateway_unknown_order", "code_refused", "billing_failed",
        "billing_missed",
        "disk_full", "key_missing", "clock_jumped", "deliveries_behind", "database_failed",
        "backup_old", "books_broken", "worker_missing", "billing_late",
    }
)  # fmt: skip
"""Kinds in which money, access or news have gone wrong; the others are warnings."""


class Told(NamedTuple):
    """A matter and what stands around it. `host` is its endpoint's. `leads_to` is an address, and
    `place` the one in the table of addresses that it is an instance of. `run` is a billing run of
    today that stopped itself and can be released."""

    matter: Matter
    app: App | None
    concern: Concern | None
    host: str
    place: str
    leads_to: str
    run: BillingRun | None

    @property
    def is_grave(self) -> bool:
        return self.matter.kind in GRAVE


class Matters(NamedTuple):
    """The gravest first, of them the oldest; `total` is how many there are in all."""

    shown: Sequence[Told]
    total: int


def matters(
    tx: Transaction, ask: Ask, apps: Sequence[App], app_id: str | None = None, most: int = 100
) -> Matters:
    """Of all apps, or of one and what concerns the installation."""
    found = attention(tx, ask.now, app_id)
    shown = sorted(found.shown, key=lambda matter: matter.kind not in GRAVE)[:most]
    known = concerns(tx, {matter.subject_id for matter in shown})
    endpoints = [one.subject_id for one in shown if one.go_to == "endpoint"]
    urls = {one.id: one.url for one in tx.all(ADDRESSES, ids=endpoints)} if endpoints else {}
    by_id = {app.id: app for app in apps}
    told = []
    for matter in shown:
        app, concern = by_id.get(matter.app_id or ""), known.get(matter.subject_id)
        host = urlsplit(urls.get(matter.subject_id, "")).hostname or ""
        place, address = _way(matter, concern)
        told.append(Told(matter, app, concern, host, place, address, _held(tx, ask, matter, app)))
    return Matters(told, found.total)


def _way(matter: Matter, concern: Concern | None) -> tuple[str, str]:
    """Where it is dealt with: the address in the table, and this one."""
    noun, subject = {
        "review": ("payments", matter.subject_id),
        "subscription": ("subscriptions", matter.subject_id),
        "invoice": ("invoices", matter.subject_id),
        "charge": ("invoices", concern.invoice_id if concern else None),
        "endpoint": ("webhooks", matter.subject_id),
    }.get(matter.go_to or "", ("", None))
    if subject:
        return f"{PREFIX}/{noun}/{{id}}", f"{PREFIX}/{noun}/{subject}"
    if matter.go_to != "app":
        return "", ""
    if matter.kind == "suspensions_held":
        return f"{PREFIX}/attention", f"{PREFIX}/attention"
    if matter.kind == "books_differ":
        return f"{PREFIX}/payments", f"{PREFIX}/payments?app={matter.subject_id}"
    return f"{PREFIX}/apps/{{id}}/gateway", f"{PREFIX}/apps/{matter.subject_id}/gateway"


def _held(tx: Transaction, ask: Ask, matter: Matter, app: App | None) -> BillingRun | None:
    if matter.kind != "suspensions_held" or app is None:
        return None
    runs = tx.all(RUNS_OF_DAY, app_id=app.id, day=local_date(app.at(ask.now), app.zone))
    if any(run.forced for run in runs):
        return None
    return next((run for run in reversed(runs) if run.held), None)
