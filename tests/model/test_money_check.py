"""What the gateway's answer and our books make together, and how their rows are found."""

from typing import Any

import msgspec
import pytest

from payment_service.kit.sqlite_connection import connect
from payment_service.kit.sqlite_transaction import DIALECT
from payment_service.kit.statements import Statement
from payment_service.model.booked import (
    CHARGES_OF_SPAN,
    COUNT_CHARGES,
    PAYMENTS_OF_SPAN,
    Booked,
    gateway_difference,
)

PAID = Booked(
    charge_id="chg_1",
    order_id="chg_1",
    gateway="pakasir",
    reference="txn_1",
    status="paid",
    amount=99_000,
    gateway_fee=1_003,
    total_payment=100_003,
    payment_id="pay_1",
    paid=99_000,
)
OPEN = msgspec.structs.replace(PAID, status="open", payment_id=None, paid=None)
EXPIRED = msgspec.structs.replace(OPEN, status="expired")


@pytest.mark.parametrize(
    ("booked", "said", "amount", "difference"),
    [
        (PAID, "completed", 99_000, None),
        (PAID, "completed", 98_000, "amount_differs"),
        (PAID, "pending", 99_000, "not_completed"),
        (PAID, "canceled", 99_000, "not_completed"),
        (PAID, None, None, "unknown_at_gateway"),
        (OPEN, "completed", 99_000, "not_booked"),
        (OPEN, "completed", 98_000, "not_booked"),
        (OPEN, "pending", 99_000, None),
        (OPEN, "pending", 98_000, "amount_differs"),
        (OPEN, None, None, "unknown_at_gateway"),
        (EXPIRED, "completed", 99_000, "not_booked"),
        (EXPIRED, "canceled", 99_000, None),
        (EXPIRED, None, None, None),
    ],
)
def test_an_answer_agrees_with_the_books_or_differs_in_one_way(
    booked: Booked, said: str | None, amount: int | None, difference: str | None
) -> None:
    found = gateway_difference(booked, said, amount)
    assert (found and found.difference) == difference
    if found is not None:
        assert (found.charge_id, found.reference) == ("chg_1", "txn_1")
        assert found.ours == (None if difference == "not_booked" else 99_000)
        assert found.theirs == amount


def test_a_payment_under_review_is_compared_by_what_came() -> None:
    held = msgspec.structs.replace(PAID, paid=50_000)
    assert gateway_difference(held, "completed", 50_000) is None


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (CHARGES_OF_SPAN, "sqlite_autoindex_charges_1 (id>? AND id<?)"),
        (COUNT_CHARGES, "sqlite_autoindex_charges_1 (id>? AND id<?)"),
        (PAYMENTS_OF_SPAN, "ix_payments_app_id_id (app_id=? AND id>?)"),
    ],
)
def test_a_page_is_read_in_its_order_and_nothing_is_sorted(
    sqlite_url: str, statement: Statement[Any], index: str
) -> None:
    connection = connect(sqlite_url.removeprefix("sqlite:///"))
    sql = statement.compiled(DIALECT).sql
    plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?")).fetchall()
    connection.close()
    steps = " / ".join(row[3] for row in plan)
    assert index in steps
    assert "TEMP B-TREE" not in steps
