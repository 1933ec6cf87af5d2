"""What must hold in the database after any story, whatever happened in it."""

from collections import Counter, defaultdict

import msgspec
from sqlalchemy import Connection, func, select

from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments
from payment_service.model.review import reviews

ENTRY = [
    credit_entries.c[name] for name in ("customer_id", "kind", "amount", "payment_id", "invoice_id")
]


def row_counts(url: str) -> dict[str, int]:
    """How many rows each table holds."""
    with connected(url) as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def check_invariants(url: str) -> None:
    with connected(url) as connection:
        _each_charge_is_paid_by_one_payment(connection)
        _money_and_credit_make_up_each_paid_invoice(connection)
        _each_payment_is_settled_credited_or_in_review(connection)
        _credit_is_never_negative(connection)
        _positions_have_no_gap(connection)
        _each_step_of_a_subscription_was_announced_once(connection)
        _invoice_numbers_have_no_gap(connection)


def _each_charge_is_paid_by_one_payment(connection: Connection) -> None:
    paid = connection.scalars(select(charges.c.id).where(charges.c.status == "paid")).all()
    booked = connection.scalars(select(payments.c.charge_id)).all()
    assert sorted(paid) == sorted(charge for charge in booked if charge is not None)


def _money_and_credit_make_up_each_paid_invoice(connection: Connection) -> None:
    """Paid is: payments and applied credit, less what went to credit, are the total."""
    came: dict[str, list[int]] = defaultdict(list)
    settled = (
        select(func.coalesce(reviews.c.invoice_id, payments.c.invoice_id), payments.c.amount)
        .outerjoin(reviews, reviews.c.payment_id == payments.c.id)
        .where((payments.c.outcome == "settled") | (reviews.c.deed == "settled"))
    )
    for invoice_id, amount in connection.execute(settled):
        came[invoice_id].append(amount)
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in connection.execute(select(*ENTRY)):
        if entry.invoice_id is not None:
            used[entry.invoice_id][entry.kind] += entry.amount
    for bill in connection.execute(
        select(invoices.c.id, invoices.c.status, invoices.c.total, invoices.c.credit_applied)
    ):
        credit = used[bill.id]
        applied = -credit["applied"] - credit["returned"]
        assert bill.credit_applied == applied, bill
        assert len(came[bill.id]) <= 1, bill
        if bill.status == "paid":
            assert sum(came[bill.id]) + applied - credit["credited"] == bill.total, bill
        else:
            assert (came[bill.id], credit["credited"]) == ([], 0), bill


def _each_payment_is_settled_credited_or_in_review(connection: Connection) -> None:
    whole: dict[str, int] = defaultdict(int)
    for entry in connection.execute(select(*ENTRY)):
        if entry.kind == "credited" and entry.invoice_id is None:
            whole[entry.payment_id] += entry.amount
    decided = {
        one.payment_id: one.deed
        for one in connection.execute(select(reviews.c.payment_id, reviews.c.deed))
    }
    for payment in connection.execute(select(payments.c.id, payments.c.amount, payments.c.outcome)):
        is_credit = "credited" in (payment.outcome, decided.get(payment.id))
        assert whole[payment.id] == (payment.amount if is_credit else 0), payment
        assert payment.outcome == "needs_review" or payment.id not in decided, payment


def _credit_is_never_negative(connection: Connection) -> None:
    balances: dict[str, int] = defaultdict(int)
    for entry in connection.execute(select(*ENTRY).order_by(credit_entries.c.id)):
        balances[entry.customer_id] += entry.amount
    assert all(balance >= 0 for balance in balances.values()), balances


def _positions_have_no_gap(connection: Connection) -> None:
    by_app: dict[str, list[int]] = defaultdict(list)
    for app_id, position in connection.execute(select(events.c.app_id, events.c.position)):
        by_app[app_id].append(position)
    for positions in by_app.values():
        assert sorted(positions) == list(range(1, len(positions) + 1))


def _each_step_of_a_subscription_was_announced_once(connection: Connection) -> None:
    steps: dict[str, list[int]] = defaultdict(list)
    told = select(events.c.subject_id, events.c.body).where(events.c.type.like("subscription.%"))
    for subscription_id, body in connection.execute(told.order_by(events.c.position)):
        steps[subscription_id].append(msgspec.json.decode(body)["data"]["seq"])
    for seqs in steps.values():
        assert seqs == list(range(1, len(seqs) + 1))


def _invoice_numbers_have_no_gap(connection: Connection) -> None:
    counted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for app_id, number in connection.execute(select(invoices.c.app_id, invoices.c.number)):
        series, _, count = number.rpartition("-")
        counted[app_id, series].append(int(count))
    for counts in counted.values():
        assert sorted(counts) == list(range(1, len(counts) + 1))
