"""A settlement file is read however it is written, or refused by the line that is wrong."""

import msgspec
import pytest

from payment_service.model.settlement import (
    Line,
    Settlement,
    Unreadable,
    read_settlement,
    settlement_difference,
)
from tests.model.test_money_check import PAID

PLAIN = "order_id,txn_id,amount,fee,net\nchg_1,txn_1,99000,1003,97997\n"


def the_line(text: str) -> Line:
    (line,) = read_settlement(text.encode()).unclaimed.values()
    return line


def test_every_column_is_read() -> None:
    assert the_line(PLAIN) == Line(2, "chg_1", "txn_1", 99_000, 1_003, 97_997)


@pytest.mark.parametrize("name", ["txn_id", "reference", "transaction_id", " Transaction ID "])
def test_a_header_may_be_written_and_ordered_in_many_ways(name: str) -> None:
    line = the_line(f"\nDate;AMOUNT;{name}\n21/11/2026;99000;txn_1\n\n")
    assert line == Line(3, None, "txn_1", 99_000, None, None)


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert the_line("\N{ZERO WIDTH NO-BREAK SPACE}" + PLAIN).order_id == "chg_1"


@pytest.mark.parametrize(
    "written",
    ["99000", '"99.000"', "Rp99.000", "rp 99.000", "IDR 99000", "99000.00", '"99,000.00"',
     '"99.000,00"', '"Rp99.000,-"', " 99000 ", '"99,000"'],
)  # fmt: skip
def test_an_amount_may_be_written_in_many_ways(written: str) -> None:
    assert the_line(f"order_id,amount\nchg_1,{written}\n").amount == 99_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("line 1", "empty")),
        ("\n \n", ("line 1", "empty")),
        ("chg_1,99000\n", ("line 1", "header", "order_id", "amount")),
        ("order_id,net\nchg_1,99000\n", ("line 1", "amount")),
        ("order_id,amount,Amount\nchg_1,1,1\n", ("line 1", "two columns", "amount")),
        ("txn_id,reference,amount\na,b,1\n", ("line 1", "two columns", "reference")),
        ("order_id,amount\nchg_1,1\nchg_2,ninety\n", ("line 3", "amount", "ninety")),
        ("order_id,amount\nchg_1,99000.50\n", ("line 2", "whole rupiah")),
        ("order_id,amount\nchg_1,-99000\n", ("line 2", "whole rupiah")),
        ("order_id,amount\nchg_1,9.90.00\n", ("line 2", "whole rupiah")),
        ("order_id,amount\nchg_1,٩٩٠٠٠\n", ("line 2", "whole rupiah")),
        (f"order_id,amount\nchg_1,{'9' * 5000}\n", ("line 2", "whole rupiah")),
        ("order_id,amount\nchg_1,\n", ("line 2", "no amount")),
        ("order_id,amount\n,99000\n", ("line 2", "no order")),
        ("order_id,amount\nchg_1,99,000\n", ("line 2", "3 fields")),
        ("order_id,amount\nchg_1\n", ("line 2", "1 fields")),
        ("order_id,amount,net\nchg_1,1,1\nchg_2,1,x\n", ("line 3", "net")),
        ('order_id,amount\nchg_1,"99000\n', ("line 2", "CSV")),
        ('order_id,amount\nchg_1,"9"9\n', ("line 2", "CSV")),
        (f"order_id,amount\n{'x' * 200_000},1\n", ("line 2", "CSV")),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable) as refused:
        read_settlement(text.encode())
    assert all(word in str(refused.value) for word in words), refused.value
    assert len(str(refused.value)) < 300


def test_what_is_no_utf_8_is_named_by_its_line() -> None:
    with pytest.raises(Unreadable, match="line 2 is not UTF-8"):
        read_settlement(b"order_id,amount\nchg_\xff,1\n")
    with pytest.raises(Unreadable):
        read_settlement("order_id,amount\nchg_1,1\n".encode("utf-16"))


@pytest.mark.parametrize(
    ("gateway_fee", "columns", "theirs"),
    [
        (1_003, "99000,,", None),
        (1_003, "99000,1003,99000", None),
        (1_003, "99000,1003,", None),
        (1_003, "100003,1003,99000", None),
        (1_003, "98000,1003,99000", 98_000),
        (1_003, "99000,1003,98999", 98_999),
        (1_003, "99000,,99001", 99_001),
        (1_003, "99000,1004,", 98_999),
        (None, "99000,,100003", None),
        (None, "99000,,97003", None),
        (None, "99000,,97002", 97_002),
        (None, "99000,,100004", 100_004),
    ],
)
def test_a_payment_is_settled_net_of_what_the_gateway_keeps(
    gateway_fee: int | None, columns: str, theirs: int | None
) -> None:
    booked = msgspec.structs.replace(PAID, gateway_fee=gateway_fee)
    line = the_line(f"order_id,amount,fee,net\nchg_1,{columns}\n")
    found = settlement_difference(booked, line)
    assert (found and found.theirs) == theirs
    assert found is None or found.difference == "settlement_differs"


def test_when_the_seller_bears_the_fee_it_comes_off_the_amount() -> None:
    booked = msgspec.structs.replace(PAID, total_payment=99_000)
    line = the_line("order_id,amount,net\nchg_1,99000,97997\n")
    assert settlement_difference(booked, line) is None


def test_a_line_answers_for_one_payment_only() -> None:
    lines = [Line(2, "chg_1", None, 1, None, None), Line(3, None, "txn_1", 1, None, None)]
    file = Settlement(lines)
    assert not file.has_been_claimed(PAID)
    assert [file.claim(PAID) for _ in range(3)] == [*lines, None]
    assert file.has_been_claimed(PAID)
    assert not file.unclaimed
