"""Every state and every deed: what each cell of the two tables answers and leaves behind.

A deed is a module of `actions/`. A module that is neither in a table here nor among those that
touch no subscription and no invoice fails the first test; so does a state or a deed without cells.
"""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from sqlalchemy import Text, cast, select

from payment_service import actions
from payment_service.actions.create_key import create_key
from payment_service.actions.register_app import Registration
from payment_service.books.draft_invoice import Terms, draft_one_off, draft_upgrade
from payment_service.kit.statements import Statement, Transaction
from payment_service.migrations.tables import metadata
from payment_service.model.invoice import MOVES as INVOICE_MOVES
from payment_service.model.invoice import OPEN_INVOICE, Line
from payment_service.model.invoice import Kind as InvoiceKind
from payment_service.model.invoice_list import LATEST_INVOICE
from payment_service.model.key import Scope
from payment_service.model.plan import plan_for_sale
from payment_service.model.subscription import MOVES, Reason, Status
from tests.actions.standing import NOW, STATES, Stage, active, at, on_stage, pending
from tests.clocks import HandClock
from tests.service import Answer, running_service
from tests.story import App, register

WHY = {"reason": "tiket 118"}
PAID = {"reference": "BCA 9", "note": "tunai"}


class Deed(NamedTuple):
    """A module of `actions/`, and the call that does it: `{id}` is the subscription's, `{invoice}`
    that of its latest invoice, `{customer}` and `{name}` the tenant's id and reference."""

    module: str
    path: str
    body: dict[str, Any] | None = None


EVERYTHING = {
    table.name: Statement(select(*(cast(one, Text) for one in table.c)), lambda *row: row)
    for table in metadata.sorted_tables
    if table.name != "api_keys"  # which remember when they were used
}

DEEDS = {
    "subscribes again": Deed(
        "subscribe",
        "/v1/subscriptions",
        {"customer": {"reference": "{name}"}, "plan": "bulanan"},
    ),
    "cancel": Deed("cancel_subscription", "/v1/subscriptions/{id}/cancel"),
    "cancel now": Deed("cancel_subscription", "/v1/subscriptions/{id}/cancel", {"at": "now"}),
    "undo": Deed("undo_cancellation", "/v1/subscriptions/{id}/undo-cancel"),
    "suspend": Deed("suspend_subscription", "/v1/subscriptions/{id}/suspend", WHY),
    "resume": Deed("resume_subscription", "/v1/subscriptions/{id}/resume", WHY),
    "extend": Deed("extend_subscription", "/v1/subscriptions/{id}/extend", {"days": 30, **WHY}),
    "move": Deed(
        "move_paid_through",
        "/v1/subscriptions/{id}/move",
        {"paid_through": "2026-03-15", **WHY},
    ),
    "change plan": Deed("change_plan", "/v1/subscriptions/{id}/change-plan", {"plan": "tahunan"}),
    "change plan now": Deed(
        "change_plan", "/v1/subscriptions/{id}/change-plan", {"plan": "tahunan", "at": "now"}
    ),
    "change to a free plan": Deed(
        "change_plan", "/v1/subscriptions/{id}/change-plan", {"plan": "gratis"}
    ),
    "forget": Deed("forget_customer", "/v1/customers/{customer}/forget", WHY),
    "pay ahead": Deed("renew_early", "/v1/subscriptions/{id}/pay-ahead", {"periods": 1}),
    "code": Deed("open_charge", "/v1/invoices/{invoice}/qris"),
    "money": Deed("mark_paid", "/v1/invoices/{invoice}/mark-paid", PAID),
    "void": Deed("void_invoice_by_hand", "/v1/invoices/{invoice}/void", WHY),
}

STAYS = "·"
"""Allowed, and the state is what it was."""
NONE = "none"
"""There is no such invoice."""
ENDED, ENDS = "409 subscription_state", "canceled, requested"

COLUMNS = tuple(STATES)
TABLE: dict[str, tuple[str, ...]] = {
    "subscribes again": (
        STAYS, *["409 already_subscribed"] * 8, STAYS, STAYS, STAYS,
    ),
    "cancel": (
        ENDS, "trialing, to end", "active, to end", ENDS, "409 cancellation_scheduled",
        ENDS, ENDS, ENDS, ENDS, ENDED, ENDED, ENDED,
    ),
    "cancel now": (*[ENDS] * 9, ENDED, ENDED, ENDED),
    "undo": (
        *["409 cancellation_not_scheduled"] * 4, "active",
        *["409 cancellation_not_scheduled"] * 4, ENDED, ENDED, ENDED,
    ),
    "suspend": (
        ENDED, "suspended, manual", "suspended, manual", "suspended, manual",
        "suspended, manual, to end", "suspended, manual", "suspended, manual",
        "409 suspended_already", "409 suspended_already", ENDED, ENDED, ENDED,
    ),
    "resume": (
        *["409 not_suspended_by_hand"] * 7, "active", "suspended, nonpayment",
        *["409 not_suspended_by_hand"] * 3,
    ),
    "extend": (
        ENDED, STAYS, STAYS, "409 no_paid_days", STAYS, "active", "active", STAYS, STAYS,
        ENDED, ENDED, ENDED,
    ),
    "move": (
        ENDED, STAYS, STAYS, "409 no_paid_days", STAYS, "active", "active", STAYS, STAYS,
        ENDED, ENDED, ENDED,
    ),
    "change plan": (
        STAYS, STAYS, STAYS, STAYS, "409 cancellation_scheduled", *[STAYS] * 4, ENDED, ENDED, ENDED,
    ),
    "change plan now": (
        STAYS, STAYS, STAYS, STAYS, "409 cancellation_scheduled", *[STAYS] * 4, ENDED, ENDED, ENDED,
    ),
    "change to a free plan": (
        "409 subscription_pending", STAYS, STAYS, "409 same_plan", "409 cancellation_scheduled",
        "active", "active", STAYS, STAYS, ENDED, ENDED, ENDED,
    ),
    "forget": (*["409 subscription_open"] * 9, STAYS, STAYS, STAYS),
    "pay ahead": (
        STAYS, STAYS, STAYS, "409 nothing_to_pay_ahead", "409 nothing_to_pay_ahead",
        STAYS, STAYS, *["409 nothing_to_pay_ahead"] * 5,
    ),
    "code": (
        STAYS, STAYS, STAYS, NONE, "409 invoice_void", STAYS, STAYS, STAYS, STAYS,
        "409 invoice_void", "409 invoice_void", "409 invoice_void",
    ),
    "money": (
        "active", "active", STAYS, NONE, STAYS, "active", "active", STAYS, STAYS,
        STAYS, "active", "active",
    ),
    "void": (
        "expired", STAYS, STAYS, NONE, "409 invoice_void", STAYS, STAYS, STAYS, STAYS,
        "409 invoice_void", "409 invoice_void", "409 invoice_void",
    ),
}  # fmt: skip
"""A row for each deed, a column for each state: what it is afterwards, or the refusal."""

BY_THE_SAME_TABLE = {
    "verify_charges": "money that a gateway confirms goes through `settle`, as `mark_paid` does",
    "decide_review": "money that a person decides on goes through `settle` too",
}
TOUCH_NEITHER = {
    "back_up", "note_restart", "note_stop", "restore", "watch_backups", "watch_billing",
    "watch_machine", "watch_outbox", "watch_worker", "check_money_nightly", "note_flaws",
    "add_customer", "edit_app", "edit_customer", "edit_invoice", "edit_subscription",
    "add_plan", "archive_plan", "edit_plan", "roll_pay_link",
    "cancel_codes", "check_gateway", "check_invariants", "check_money", "clear_alert",
    "create_key", "deliver", "plan_billing", "receive_notice", "refund_credit", "register_app",
    "purge_answers", "revoke_key", "roll_key", "roll_signing_key", "see_alert", "send_alerts",
    "release_run", "set_gateway", "set_payer", "set_request_rate", "tally_notices",
    "change_factors", "change_password", "edit_admin", "end_sessions", "invite_admin",
    "sign_in", "sign_in_first", "step_up", "add_channel", "edit_channel", "remove_channel",
    "export_list", "foresee_tonight", "rebuild_totals",
    "create_endpoint", "delete_endpoint", "edit_endpoint", "give_up_deliveries",
    "purge_attempts", "resend", "resend_delivery", "roll_endpoint_secret", "send_test",
    "reveal_endpoint_secret", "set_logo",
}  # fmt: skip
ONLY_ADD = {"import_subscriptions", "issue_one_off"}
"""They make things where none were."""
TESTED_BY_DATES = {
    "run_billing": "scenarios/test_billing_run.py",
    "expire_invoices": "scenarios/test_no_blind_suspension.py",
    "send_reminders": "scenarios/test_reminders.py",
    "move_subscribers": "scenarios/test_prices.py",
}
"""They look at many, not at the one that somebody asks for."""

MOVED_OTHERWISE = {
    ("pending", "trialing"): "subscribing to a plan with a trial",
    ("trialing", "grace"): "the billing run: the trial is over, unpaid",
    ("active", "grace"): "the billing run: the period is over, unpaid",
    ("grace", "trialing"): "extending or moving a trial that was never paid for",
    ("suspended", "trialing"): "the same, and resuming one",
    ("active", "active"): "money, and a change of plan",
    ("suspended", "suspended"): "an admin's follows on non-payment, or it on an admin's; and money",
}


def modules() -> set[str]:
    folder = Path(actions.__file__).parent
    return {path.stem for path in folder.glob("[!_]*.py")}


def test_every_deed_has_its_row_and_every_state_its_column() -> None:
    in_table = {deed.module for deed in DEEDS.values()}
    known = (in_table, set(BY_THE_SAME_TABLE), TOUCH_NEITHER, ONLY_ADD, set(TESTED_BY_DATES))
    assert set.union(*known) == modules()
    assert sum(len(some) for some in known) == len(modules())
    assert set(TABLE) == set(DEEDS)
    assert {deed: len(row) for deed, row in TABLE.items()} == dict.fromkeys(DEEDS, len(STATES))


def test_every_state_of_the_tables_of_moves_is_there_with_every_reason() -> None:
    assert {status_of(state) for state in STATES} == set(MOVES) == set(get_args(Status))
    reasons = {state.split(", ")[1] for state in STATES if state.startswith(("susp", "canc"))}
    assert reasons == set(get_args(Reason))
    kinds = {state.split()[1] for state in INVOICES if state.startswith("open")}
    assert kinds == set(get_args(InvoiceKind))
    assert {state.split()[0] for state in INVOICES} == set(INVOICE_MOVES)


def test_the_deeds_make_the_moves_of_the_table_and_no_others() -> None:
    made = {
        (status_of(state), status_of(after))
        for row in TABLE.values()
        for state, after in zip(COLUMNS, row, strict=True)
        if after in STATES or after.split(",")[0] in MOVES
    }
    steps = {(a, b) for a, b in made if a != b} | set(MOVED_OTHERWISE)
    assert steps == {(a, b) for a, many in MOVES.items() for b in many}


def status_of(state: str) -> str:
    return state.split(", ", maxsplit=1)[0]


class Shop:
    """An app whose tenants stand in every state, and an admin's key to it."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.db = app.service.runtime.db

    async def contents(self) -> dict[str, list[Any]]:
        """Every row there is."""

        def query(tx: Transaction) -> dict[str, list[Any]]:
            return {name: sorted(tx.all(rows), key=repr) for name, rows in EVERYTHING.items()}

        return await self.db.read(query)

    async def makes(self, thing: Callable[[Stage, str], str], name: str) -> str:
        return await on_stage(self.app, lambda stage: thing(stage, name))

    async def latest_invoice(self, subscription_id: str) -> str | None:
        found = await self.db.read(
            lambda tx: (
                tx.one(OPEN_INVOICE, subscription_id=subscription_id)
                or tx.one(LATEST_INVOICE, subscription_id=subscription_id)
            )
        )
        return found.id if found else None

    async def does(self, deed: Deed, **names: str) -> Answer:
        return await self.app.asks(
            "POST", deed.path.format(**names), filled(deed.body, names) if deed.body else None
        )

    async def cell(self, deed: Deed, name: str, state: str) -> str:
        """How a tenant in that state comes out of the deed."""
        subscription = await self.makes(STATES[state], name)
        invoice = await self.latest_invoice(subscription)
        if invoice is None and "{invoice}" in deed.path:
            return NONE
        before = await self.contents()
        told_before = await self.app.asks("GET", f"/v1/subscriptions/{subscription}")
        answer = await self.does(
            deed,
            id=subscription,
            invoice=invoice or "",
            customer=told_before.json["customer"]["id"],
            name=name,
        )
        if answer.status >= 400:
            assert await self.contents() == before
            return refusal(answer)
        after = await self.app.asks("GET", f"/v1/subscriptions/{subscription}")
        return told(after.json)


def told(subscription: dict[str, Any]) -> str:
    words = [subscription["status"]]
    if words[0] in ("suspended", "canceled"):
        words.append(subscription["reason"])
    if subscription["cancel_at_period_end"]:
        words.append("to end")
    return ", ".join(words)


def refusal(answer: Answer) -> str:
    assert answer.json["detail"].endswith("."), answer.json
    return f"{answer.status} {answer.json['code']}"


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(inner, names) for key, inner in value.items()}
    return value.format(**names) if isinstance(value, str) else value


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    async with running_service(database_url, HandClock(NOW)) as service:
        app = await register(service, Registration(name="BukuBengkel", mode="test"))
        scopes: tuple[Scope, ...] = ("read", "write", "admin")
        _, key = await service.runtime.db.write(create_key, app.id, "owner", scopes, NOW)
        yield Shop(App(service, app.id, key, ""))


def what_it_was(state: str) -> str:
    """As `told` says it."""
    return state.removesuffix(", free").removesuffix(", over")


@pytest.mark.parametrize("name", DEEDS)
async def test_a_deed_in_every_state(shop: Shop, name: str) -> None:
    expected = {
        state: what_it_was(state) if after == STAYS else after
        for state, after in zip(COLUMNS, TABLE[name], strict=True)
    }
    found = {}
    for number, state in enumerate(COLUMNS):
        deed = DEEDS[name]
        if deed.module == "mark_paid":
            deed = deed._replace(body={**PAID, "reference": f"BCA {number}"})
        found[state] = await shop.cell(deed, f"tenant-{number}", state)
    assert found == expected


def first(stage: Stage, name: str) -> str:
    return open_of(stage, pending(stage, name))


def renewal(stage: Stage, name: str) -> str:
    return open_of(stage, active(stage, name))


def open_of(stage: Stage, subscription_id: str) -> str:
    invoice = stage.tx.one(OPEN_INVOICE, subscription_id=subscription_id)
    assert invoice is not None
    return invoice.id


def upgrade(stage: Stage, name: str) -> str:
    contract = stage.contract(active(stage, name))
    plan = plan_for_sale(stage.tx, stage.app.id, "tahunan")
    terms = Terms(plan, plan.price, plan.months)
    return stage.issues(draft_upgrade(stage.app, contract.subscription, terms, 9, NOW))


def one_off(stage: Stage, name: str) -> str:
    contract = stage.contract(pending(stage, name))
    lines = (Line("Pelatihan", 150_000),)
    draft = draft_one_off(stage.app, contract.customer.id, lines, date(2026, 2, 7), {}, NOW)
    return stage.issues(draft)


def paid(stage: Stage, name: str) -> str:
    latest = stage.tx.one(LATEST_INVOICE, subscription_id=stage.pays(name, "bulanan", at(1, 30)))
    assert latest is not None
    return latest.id


def void(stage: Stage, name: str) -> str:
    latest = stage.tx.one(
        LATEST_INVOICE, subscription_id=STATES["canceled, requested"](stage, name)
    )
    assert latest is not None
    return latest.id


INVOICES = {
    "open first": first,
    "open renewal": renewal,
    "open upgrade": upgrade,
    "open one_off": one_off,
    "paid": paid,
    "void": void,
}
OF_INVOICES = tuple(name for name, deed in DEEDS.items() if "{invoice}" in deed.path)
TABLE_OF_INVOICES: dict[str, tuple[str, ...]] = {
    "code": (*["open"] * 4, "409 invoice_paid", "409 invoice_void"),
    "money": (*["paid"] * 4, "409 invoice_paid", "void"),
    "void": (*["void"] * 4, "409 invoice_paid", "409 invoice_void"),
}


def test_every_deed_on_an_invoice_has_its_row() -> None:
    assert set(TABLE_OF_INVOICES) == set(OF_INVOICES)
    assert {len(row) for row in TABLE_OF_INVOICES.values()} == {len(INVOICES)}


@pytest.mark.parametrize("name", OF_INVOICES)
async def test_a_deed_on_every_invoice(shop: Shop, name: str) -> None:
    found = {}
    for number, (state, made) in enumerate(INVOICES.items()):
        deed = DEEDS[name]
        if deed.module == "mark_paid":
            deed = deed._replace(body={**PAID, "reference": f"BCA {number}"})
        invoice = await shop.makes(made, f"tenant-{number}")
        before = await shop.contents()
        answer = await shop.does(deed, invoice=invoice)
        if answer.status >= 400:
            assert await shop.contents() == before
            found[state] = refusal(answer)
        else:
            found[state] = (await shop.app.asks("GET", f"/v1/invoices/{invoice}")).json["status"]
    assert found == dict(zip(INVOICES, TABLE_OF_INVOICES[name], strict=True))
