"""The money check: what it finds, what it asks for that, and what it leaves alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, update

from payment_service.actions.check_money import check_money
from payment_service.kit.ids import new_id
from payment_service.kit.statements import Transaction, add_all, command, param
from payment_service.model.app import app_by_id
from payment_service.model.charge import CHARGE, charges
from payment_service.model.money_check import Discrepancy
from payment_service.model.settlement import read_settlement
from payment_service.outside.gateway import GatewayError
from payment_service.outside.simulator.codes import find_or_create, simulated_codes
from tests.actions.checked_shop import CHECKS, Shop, open_shop
from tests.clocks import HandClock
from tests.counts import times
from tests.invariants import check_invariants, row_counts
from tests.scenarios.conftest import told_story
from tests.service import ALL_CODES
from tests.story import Code, Story, Tenant

TODAY = date(2026, 1, 31)
CODE_PENDS = command(
    update(simulated_codes)
    .where(simulated_codes.c.order_id == param("key"))
    .values(status="pending", completed_at=None)
)
CODE_IS_OVER_98_000 = command(
    update(simulated_codes).where(simulated_codes.c.order_id == param("key")).values(amount=98_000)
)
FORGET_CODE = command(delete(simulated_codes).where(simulated_codes.c.order_id == param("key")))
GATEWAY_WAS_PAKASIR = command(
    update(charges).where(charges.c.id == param("key")).values(gateway="pakasir")
)
NEVER_OPENED = command(update(charges).where(charges.c.id == param("key")).values(reference=None))
KEPT_BY_GATEWAY = command(
    update(charges).where(charges.c.id == param("key")).values(gateway_fee=param("new"))
)


@pytest.fixture
async def shop(database_url: str, clock: HandClock) -> AsyncIterator[Shop]:
    async with open_shop(database_url, clock) as shop:
        yield shop
    check_invariants(database_url)


def seen(found: Discrepancy) -> tuple[str, str | None, int | None, int | None]:
    return found.difference, found.charge_id, found.ours, found.theirs


def rows_of_books(url: str) -> dict[str, int]:
    """Without what the limits of the gateway's client write down."""
    counts = row_counts(url)
    return {name: count for name, count in counts.items() if not name.startswith("gateway_")}


async def buys(story: Story, name: str) -> tuple[Tenant, Code]:
    tenant = await story.subscribe(name, "bulanan")
    code = await tenant.asks_for_code()
    await tenant.pays(code)
    return tenant, code


async def settlement_lines(story: Story) -> dict[str, str]:
    """What the gateway's export says of each order it was paid for."""
    codes = await story.pakasir.db.read(lambda tx: tx.all(ALL_CODES))
    return {
        code.order_id: f"{code.order_id};Rp{code.amount:,};{code.fee};"
        f"{code.total_payment - code.fee}".replace(",", ".")
        for code in codes
        if code.status == "completed"
    }


async def test_each_kind_of_difference_is_listed_once_and_nothing_else(
    database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    async with told_story(database_url, clock, tmp_path) as story:
        for number in range(12):
            await buys(story, f"agrees-{number}")
        names = ("pending", "amount", "unknown", "unsettled", "net")
        sold = {name: (await buys(story, name))[1].order_id for name in names}
        for name in ("waits", "unbooked", "unknown open"):
            tenant = await story.subscribe(name, "bulanan")
            sold[name] = (await tenant.asks_for_code()).order_id
        lines = await settlement_lines(story)
        assert len(lines) == 17
        await story.pakasir.receives_money(sold["unbooked"])  # and its notice is lost
        del lines[sold["unsettled"]]
        lines[sold["net"]] = f"{sold['net']};99000;1003;98990"
        lines["INV-OF-OTHERS"] = "INV-OF-OTHERS;50000;660;50000"
        file = read_settlement("\n".join(["order_id;amount;fee;net", *lines.values()]).encode())

        def plant(tx: Transaction) -> None:
            tx.run(CODE_PENDS, key=sold["pending"])
            tx.run(CODE_IS_OVER_98_000, key=sold["amount"])
            tx.run(FORGET_CODE, key=sold["unknown"])
            tx.run(FORGET_CODE, key=sold["unknown open"])

        await story.pakasir.db.write(plant)
        clock.advance(timedelta(seconds=5))
        before = rows_of_books(database_url)
        story.pakasir.calls.clear()

        runtime = story.service.runtime
        assert story.the_app is not None
        app = await runtime.db.read(app_by_id, story.the_app.id)
        findings = await check_money(runtime, app, TODAY, TODAY, settlement=file)

        assert [seen(found) for found in findings.exceptions] == [
            ("not_booked", sold["unbooked"], None, 99_000),
            ("not_completed", sold["pending"], 99_000, 99_000),
            ("amount_differs", sold["amount"], 99_000, 98_000),
            *sorted(
                ("unknown_at_gateway", sold[name], 99_000, None)
                for name in ("unknown", "unknown open")
            ),
            ("not_in_settlement", sold["unsettled"], 99_000, None),
            ("settlement_differs", sold["net"], findings.exceptions[-2].ours, 98_990),
            ("unknown_settlement", "INV-OF-OTHERS", None, 50_000),
        ]
        assert (findings.asked, findings.unopened, findings.unanswered) == (20, 0, [])
        assert story.pakasir.calls == {"transaction-status": 20}
        assert rows_of_books(database_url) == {**before, "money_checks": 1}
        (kept,) = await runtime.db.read(lambda tx: tx.all(CHECKS))
        assert kept.exceptions == tuple(findings.exceptions)
        assert (kept.charges, kept.unanswered, kept.night) == (20, 0, None)
        assert (kept.first_day, kept.last_day) == (TODAY, TODAY)
        assert kept.finished_at == clock.now()

        charge = await runtime.db.read(lambda tx: tx.one(CHARGE, id=sold["unbooked"]))
        assert charge is not None
        assert charge.check_at == clock.now()
        await story.seconds_pass(5)
        charge = await runtime.db.read(lambda tx: tx.one(CHARGE, id=sold["unbooked"]))
        assert charge is not None
        assert charge.status == "paid"


async def test_a_gateway_that_cannot_be_reached_leaves_every_charge_named(
    database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    async with told_story(database_url, clock, tmp_path) as story:
        sold = [(await buys(story, f"tenant-{number}"))[1].order_id for number in range(3)]
        await story.pakasir.stop()
        clock.advance(timedelta(seconds=5))
        runtime = story.service.runtime
        assert story.the_app is not None
        app = await runtime.db.read(app_by_id, story.the_app.id)
        findings = await check_money(runtime, app, TODAY, TODAY)
        assert [one.charge_id for one in findings.unanswered] == sorted(sold)
        assert all(one.reason.startswith("unreachable: ") for one in findings.unanswered)
        assert findings.exceptions == []
        (kept,) = await runtime.db.read(lambda tx: tx.all(CHECKS))
        assert (kept.charges, kept.unanswered) == (3, 3)


async def test_what_was_never_opened_or_is_of_another_gateway_is_not_asked_about(
    shop: Shop,
) -> None:
    sold, unopened, elsewhere = [await shop.asks_for_code(name) for name in ("a", "b", "c")]
    await shop.does(lambda tx: tx.run(NEVER_OPENED, key=unopened))
    await shop.does(lambda tx: tx.run(GATEWAY_WAS_PAKASIR, key=elsewhere))
    findings = await shop.check(TODAY)
    assert (findings.asked, findings.unopened, findings.unanswered) == (1, 1, [])
    assert [one.charge_id for one in findings.elsewhere] == [elsewhere]
    assert "pakasir" in findings.elsewhere[0].reason
    assert shop.gateway.asked == {sold: 1}


async def test_an_app_without_gateway_has_its_charges_named(shop: Shop) -> None:
    charge = await shop.asks_for_code("tenant")
    shop.runtime = msgspec.structs.replace(shop.runtime, gateway_of=lambda _: None)
    findings = await shop.check(TODAY)
    assert [one.charge_id for one in findings.elsewhere] == [charge]
    assert findings.asked == 0


async def test_a_day_ends_at_midnight_on_the_apps_own_calendar(
    database_url: str, clock: HandClock
) -> None:
    async with open_shop(database_url, clock, zone="Asia/Makassar") as shop:
        clock.set(datetime(2026, 1, 31, 15, 59, 59, 999_000, tzinfo=UTC))  # 23:59:59.999 there
        last_of_the_31st = await shop.asks_for_code("late")
        clock.set(datetime(2026, 1, 31, 16, 0, tzinfo=UTC))
        first_of_the_1st = await shop.asks_for_code("early")
        clock.advance(timedelta(minutes=1))
        await shop.check(TODAY)
        assert shop.gateway.asked == {last_of_the_31st: 1}
        await shop.check(date(2026, 2, 1))
        assert shop.gateway.asked == {last_of_the_31st: 1, first_of_the_1st: 1}
        await shop.check(date(2026, 1, 30))
        await shop.check(date(2026, 2, 2))
        assert shop.gateway.asked.total() == 2
        await shop.check(TODAY, date(2026, 2, 1))
        assert shop.gateway.asked.total() == 4


async def test_an_old_code_is_compared_on_the_day_it_was_paid(shop: Shop) -> None:
    charge_id = await shop.asks_for_code("tenant")
    shop.clock.advance(timedelta(hours=20))  # the next local day, and the gateway takes it still
    await shop.receives_money(charge_id)
    await shop.books(charge_id)
    await shop.does(lambda tx: tx.run(CODE_IS_OVER_98_000, key=charge_id))
    shop.clock.advance(timedelta(days=1))
    findings = await shop.check(TODAY + timedelta(days=1))
    assert [found.difference for found in findings.exceptions] == ["amount_differs"]
    findings = await shop.check(TODAY, TODAY + timedelta(days=1))
    assert [found.difference for found in findings.exceptions] == ["amount_differs"]
    assert shop.gateway.asked == {charge_id: 2}


async def test_a_transaction_is_asked_about_once_in_four_seconds(shop: Shop) -> None:
    charge_id = await shop.asks_for_code("tenant")
    await shop.check(TODAY)
    assert shop.pauses == []
    await shop.check(TODAY)
    assert shop.pauses == [4.0]
    assert (await shop.charge(charge_id)).checked_at == shop.clock.now()


async def test_a_busy_gateway_is_waited_for(shop: Shop) -> None:
    charge_id = await shop.asks_for_code("tenant")
    shop.gateway.fails = [
        GatewayError("busy", "later", retry=True),
        GatewayError("busy", "later", retry=True, retry_after=7.0),
    ]
    findings = await shop.check(TODAY)
    assert shop.pauses == [7.0, 4.0]
    assert findings.unanswered == []
    assert shop.gateway.asked == {charge_id: 3}


async def test_a_gateway_that_stays_busy_is_no_answer(shop: Shop) -> None:
    charge_id = await shop.asks_for_code("tenant")
    shop.gateway.fails = [GatewayError("busy", "later", retry=True) for _ in range(100)]
    findings = await shop.check(TODAY)
    assert [one.charge_id for one in findings.unanswered] == [charge_id]
    assert shop.gateway.asked == {charge_id: 10}


async def test_money_booked_while_the_gateway_is_being_asked_is_no_exception(shop: Shop) -> None:
    charge_id = await shop.asks_for_code("tenant")
    await shop.receives_money(charge_id)
    shop.gateway.before_it_tells = shop.books
    findings = await shop.check(TODAY)
    assert findings.exceptions == []
    assert (await shop.charge(charge_id)).check_at is None


async def test_lines_of_other_days_and_second_lines_are_told_apart(shop: Shop) -> None:
    earlier = await shop.sells("earlier")
    shop.clock.advance(timedelta(days=1))
    sold, wrong = await shop.sells("sold"), await shop.sells("wrong")
    shop.clock.advance(timedelta(seconds=5))
    reference = (await shop.charge(sold)).reference
    text = (
        f"order_id,txn_id,amount\n{earlier},,99000\n,{reference},99000\n{sold},,99000\n"
        f"{wrong},,98000\n,sim_nobody,99000\n"
    )
    file = read_settlement(text.encode())
    findings = await shop.check(TODAY + timedelta(days=1), settlement=file)
    assert [(found.difference, found.message) for found in findings.exceptions] == [
        ("settlement_differs", "Line 5 settles Rp98.000."),
        ("unknown_settlement", "Line 3 settles once more what another line has settled."),
        ("unknown_settlement", "Line 6 is no payment of ours."),
    ]


async def test_what_the_gateway_keeps_is_looked_at_to_the_rupiah(shop: Shop) -> None:
    sold, older = await shop.sells("sold"), await shop.sells("older")
    await shop.does(lambda tx: tx.run(KEPT_BY_GATEWAY, key=sold, new=1_003))
    await shop.does(lambda tx: tx.run(KEPT_BY_GATEWAY, key=older, new=None))
    shop.clock.advance(timedelta(seconds=5))
    file = read_settlement(
        f"order_id,amount,net\n{sold},99000,98999\n{older},99000,98999\n".encode()
    )
    findings = await shop.check(TODAY, settlement=file)
    assert [seen(found) for found in findings.exceptions] == [
        ("settlement_differs", sold, 99_000, 98_999)
    ]


async def plant_charges(shop: Shop, count: int) -> None:
    """So many expired codes, known to both sides."""
    kept = await shop.charge(await shop.asks_for_code("tenant"))
    now = shop.clock.now()

    def unit(tx: Transaction) -> None:
        made = []
        for _ in range(count):
            charge_id = new_id("chg", now)
            code = find_or_create(tx, shop.app.id, charge_id, 99_000, now)
            made.append(
                msgspec.structs.replace(
                    kept, id=charge_id, status="expired", reference=code.reference
                )
            )
        add_all(tx, made)

    await shop.does(unit)


async def test_many_charges_are_read_in_pages_and_each_is_asked_about_once(shop: Shop) -> None:
    count = times(1_100, 10_000)
    await plant_charges(shop, count)
    told: list[tuple[int, int]] = []
    findings = await shop.check(TODAY, told=lambda done, total: told.append((done, total)))
    assert (findings.asked, findings.exceptions) == (count + 1, [])
    assert set(shop.gateway.asked.values()) == {1}
    assert told[-1] == (count + 1, count + 1)


async def test_sixteen_are_asked_about_at_a_time(shop: Shop) -> None:
    await plant_charges(shop, 40)
    shop.gateway.open_door.clear()
    checking = asyncio.create_task(shop.check(TODAY))
    await shop.gateway.holds(16)
    shop.gateway.open_door.set()
    assert (await checking).asked == 41
    assert shop.gateway.most_at_once == 16


async def test_a_gateway_that_stays_silent_is_not_asked_for_ever(shop: Shop) -> None:
    await plant_charges(shop, 200)
    shop.gateway.is_down = True
    findings = await shop.check(TODAY)
    assert (findings.asked, len(findings.unanswered)) == (201, 201)
    assert 64 <= shop.gateway.asked.total() < 64 + 16
    assert len({one.charge_id for one in findings.unanswered}) == 201
