"""The flows of the service that change something, each with what stands before it.

Each is what somebody asks for, as they would ask it again when no answer came.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select

from payment_service.actions.decide_review import settle_review
from payment_service.actions.import_subscriptions import import_subscriptions
from payment_service.kit.errors import Conflict
from payment_service.kit.statements import value
from payment_service.model.audit import By
from payment_service.model.endpoint import endpoints
from payment_service.model.import_line import Line, OldCode, OpenInvoice, PaidInvoice, Row
from payment_service.model.payment import payments
from payment_service.outside.simulator.codes import open_code
from tests.faults.place import HOOK, Place
from tests.simulation.world import OTHER_AMOUNT

IN_REVIEW = value(select(payments.c.id).where(payments.c.outcome == "needs_review"), str)
ENDPOINT_IDS = value(select(endpoints.c.id), str)

Does = Callable[[Place], Awaitable[None]]


class Flow(NamedTuple):
    begins: Does
    """What stands before; it notes in `names` what the deed needs to know."""
    deed: Does
    after: timedelta = timedelta(0)
    """How much later the deed is."""
    is_patient: bool = False
    """Whether what fails in it is noted, and tried again later, by itself."""


async def nothing(_: Place) -> None:
    """An app, its plans and nobody yet."""


async def an_invoice(place: Place) -> None:
    made = await place.subscribes("budi", "bulanan")
    place.names["subscription"] = made["id"]
    place.names["invoice"] = made["open_invoice"]["id"]


async def an_open_code(place: Place) -> None:
    await an_invoice(place)
    place.names["charge"] = await place.code_for(place.names["invoice"])


async def money_nobody_knows_of(place: Place) -> None:
    await an_open_code(place)
    await place.pays_at_the_gateway(place.names["charge"])


async def who_has_paid(place: Place) -> None:
    made = await place.pays("budi", "bulanan")
    place.names["subscription"] = made["id"]
    place.names["customer"] = made["customer"]["id"]
    await place.deliver()


async def three_tenants(place: Place) -> None:
    """One whose renewal comes, one on trial, one who has not paid at all."""
    await who_has_paid(place)
    await place.subscribes("sari", "coba")
    await place.subscribes("agus", "tahunan")


async def credit(place: Place) -> None:
    """An old code was paid after a fresh one of the same invoice."""
    await an_open_code(place)
    old = place.names["charge"]
    place.clock.advance(timedelta(minutes=16))
    fresh = await place.code_for(place.names["invoice"])
    for charge_id in (fresh, old):
        await place.pays_at_the_gateway(charge_id)
        await place.notice_comes(charge_id)
        place.clock.advance(timedelta(minutes=1))
    await place.sweep()
    subscription = place.names["subscription"]
    asked = {"authorization": f"Bearer {place.ground.api_key}"}
    answer = await place.http.get(f"/v1/subscriptions/{subscription}", headers=asked)
    place.names["customer"] = answer.json()["customer"]["id"]


async def doubtful_money(place: Place) -> None:
    await an_open_code(place)
    (code,) = await place.codes()
    change = {"key": code.reference, "new_amount": 1_000_000}
    await place.gateways_own.write(lambda tx: tx.run(OTHER_AMOUNT, **change))
    await place.pays_at_the_gateway(place.names["charge"])
    await place.notice_comes(place.names["charge"])
    (place.names["payment"],) = await place.runtime.db.read(lambda tx: tx.all(IN_REVIEW))


async def an_endpoint(place: Place) -> None:
    (place.names["endpoint"],) = await place.runtime.db.read(lambda tx: tx.all(ENDPOINT_IDS))


async def a_code_of_an_older_system(place: Place) -> None:
    await open_code(place.gateways_own, place.ground.app_id, "old-1", 99_000, place.clock.now())
    place.names["old order"] = "old-1"


async def subscribe(place: Place) -> None:
    await place.does(
        "/v1/subscriptions",
        {"customer": {"reference": "budi", "name": "Budi"}, "plan": "bulanan"},
        key="subscribe-budi",
    )


async def one_off_invoice(place: Place) -> None:
    """Without its key it would be another invoice each time."""
    await place.does(
        "/v1/invoices",
        {
            "customer": {"reference": "budi", "name": "Budi"},
            "lines": [{"description": "Pemasangan alat", "amount": 500_000}],
        },
        key="one-off-budi",
    )


async def open_a_charge(place: Place) -> None:
    await place.does(f"/v1/invoices/{place.names['invoice']}/qris")


async def open_a_charge_under_a_key(place: Place) -> None:
    await place.does(f"/v1/invoices/{place.names['invoice']}/qris", key="code-budi")


async def pay_ahead(place: Place) -> None:
    subscription = place.names["subscription"]
    await place.does(f"/v1/subscriptions/{subscription}/pay-ahead", {"periods": 3}, key="ahead")


async def notice(place: Place) -> None:
    await place.notice_comes(place.names["charge"])


async def sweep(place: Place) -> None:
    await place.sweep()


async def billing_run(place: Place) -> None:
    await place.bill()


async def delivery(place: Place) -> None:
    await place.deliver()


async def mark_paid(place: Place) -> None:
    invoice = place.names["invoice"]
    body = {"reference": "transfer 118", "note": "transfer ke rekening"}
    await place.does(f"/v1/invoices/{invoice}/mark-paid", body)


async def upgrade(place: Place) -> None:
    subscription = place.names["subscription"]
    body = {"plan": "tahunan", "at": "now"}
    await place.does(f"/v1/subscriptions/{subscription}/change-plan", body, key="upgrade")


async def cancel(place: Place) -> None:
    """Its open code is canceled at the gateway too."""
    subscription = place.names["subscription"]
    await place.does(f"/v1/subscriptions/{subscription}/cancel", {"at": "now"})
    await place.cancel_codes()


async def void(place: Place) -> None:
    await place.does(f"/v1/invoices/{place.names['invoice']}/void", {"reason": "salah paket"})
    await place.cancel_codes()


async def refund(place: Place) -> None:
    body = {"amount": 60_000, "reference": "transfer 119", "note": "uang kembali"}
    await place.does(f"/v1/customers/{place.names['customer']}/refunds", body)


async def decide_review(place: Place) -> None:
    runtime, now = place.runtime, place.clock.now()
    by = By("command line", "transfer yang benar", now)
    with suppress(Conflict):  # it is decided
        await runtime.db.write(settle_review, runtime.links, place.names["payment"], None, by, now)


async def new_endpoint(place: Place) -> None:
    """Its secret is told once, and again to who asks again under the same key."""
    await place.does("/v1/webhook-endpoints", {"url": f"{HOOK}/2"}, key="endpoint-2")


async def roll_secret(place: Place) -> None:
    endpoint = place.names["endpoint"]
    await place.does(f"/v1/webhook-endpoints/{endpoint}/roll-secret", {}, key="roll-1")


async def move_over(place: Place) -> None:
    """Two subscriptions of an older system, one with a code that can still be paid."""
    day = date(2026, 2, 10)
    history = PaidInvoice(
        "lama-1", 99_000, date(2026, 1, 10), date(2026, 1, 11), day, order_id="older-1"
    )
    owed = OpenInvoice(99_000, codes=(OldCode("old-1", total=99_700),))
    rows = (
        Row("lama", "bulanan", paid_through=day, open_invoice=owed, paid_invoices=(history,)),
        Row("tua", "murah", paid_through=date(2026, 2, 20)),
    )
    lines = [Line(number, row) for number, row in enumerate(rows, 1)]
    by = By("command line", "pindah", place.clock.now())
    done = await import_subscriptions(place.runtime, place.ground.app_id, lines, by=by)
    assert not done.flaws or "already" in done.flaws[0].message, done.flaws


DAY = timedelta(days=1)
FLOWS = {
    "subscribe": Flow(nothing, subscribe),
    "one-off invoice": Flow(nothing, one_off_invoice),
    "open a charge": Flow(an_invoice, open_a_charge),
    "open a charge under a key": Flow(an_invoice, open_a_charge_under_a_key),
    "notice": Flow(money_nobody_knows_of, notice),
    "sweep": Flow(money_nobody_knows_of, sweep, timedelta(minutes=3)),
    "billing run": Flow(three_tenants, billing_run, 21 * DAY, is_patient=True),
    "delivery": Flow(an_invoice, delivery, is_patient=True),
    "mark paid": Flow(an_open_code, mark_paid),
    "pay ahead": Flow(who_has_paid, pay_ahead),
    "upgrade": Flow(who_has_paid, upgrade, 10 * DAY),
    "cancel": Flow(an_open_code, cancel),
    "void": Flow(an_open_code, void),
    "refund of credit": Flow(credit, refund, DAY),
    "review": Flow(doubtful_money, decide_review, DAY),
    "new endpoint": Flow(nothing, new_endpoint),
    "roll of a secret": Flow(an_endpoint, roll_secret),
    "import": Flow(a_code_of_an_older_system, move_over),
}
