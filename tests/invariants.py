"""What must hold in the database after any story, whatever happened in it."""

from collections import defaultdict

import msgspec
from sqlalchemy import Connection, func, select

from payment_service.migrations.tables import metadata
from payment_service.migrations.upgrade import connected
from payment_service.model.charge import charges
from payment_service.model.credit import credit_entries
from payment_service.model.event import events
from payment_service.model.invoice import invoices
from payment_service.model.payment import payments


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
        _an_invoice_is_paid_by_one_settled_payment(connection)
        _each_credit_comes_from_its_payment(connection)
        _positions_have_no_gap(connection)
        _each_step_of_a_subscription_was_announced_once(connection)
        _invoice_numbers_have_no_gap(connection)


def _each_charge_is_paid_by_one_payment(connection: Connection) -> None:
    paid = connection.scalars(select(charges.c.id).where(charges.c.status == "paid")).all()
    booked = connection.scalars(select(payments.c.charge_id)).all()
    assert sorted(paid) == sorted(charge for charge in booked if charge is not None)


def _an_invoice_is_paid_by_one_settled_payment(connection: Connection) -> None:
    paid = connection.execute(
        select(invoices.c.id, invoices.c.total).where(invoices.c.status == "paid")
    ).all()
    settled = connection.execute(
        select(payments.c.invoice_id, payments.c.amount).where(payments.c.outcome == "settled")
    ).all()
    assert sorted(map(tuple, paid)) == sorted(map(tuple, settled))


def _each_credit_comes_from_its_payment(connection: Connection) -> None:
    credited = connection.execute(
        select(payments.c.id, payments.c.amount).where(payments.c.outcome == "credited")
    ).all()
    entries = connection.execute(
        select(credit_entries.c.payment_id, credit_entries.c.amount).where(
            credit_entries.c.kind == "credited"
        )
    ).all()
    assert sorted(map(tuple, credited)) == sorted(map(tuple, entries))


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
