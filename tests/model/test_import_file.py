"""Reading a file of subscriptions: both formats alike, and all that is wrong by line and field."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_service.model.import_file import Format, read_import
from payment_service.model.import_line import Flaw, OldCode, OpenInvoice, PaidInvoice, Row

CSV = """\
reference,name,plan,price,paid_through,cancel_at_period_end,metadata,open_amount,open_order_id,\
open_expires_at,paid_invoices
tenant-1,"Jaya, Bengkel",bulanan,89000,2026-12-21,TRUE,,,,,

tenant-2,,bulanan,,2026-11-20,,"{""cabang"": 2}",99000,OLD-9,2026-11-22T10:00:00,\
"[{""number"": ""L-1"", ""amount"": 99000, ""paid_on"": ""2026-10-20"", \
""period_start"": ""2026-10-21"", ""period_end"": ""2026-11-20""}]"
"""
ROWS = (
    Row(
        reference="tenant-1",
        name="Jaya, Bengkel",
        plan="bulanan",
        price=89_000,
        paid_through=date(2026, 12, 21),
        cancel_at_period_end=True,
    ),
    Row(
        reference="tenant-2",
        plan="bulanan",
        paid_through=date(2026, 11, 20),
        metadata={"cabang": 2},
        open_invoice=OpenInvoice(
            amount=99_000,
            codes=(OldCode("OLD-9", expires_at=datetime(2026, 11, 22, 10)),),  # noqa: DTZ001
        ),
        paid_invoices=(
            PaidInvoice("L-1", 99_000, date(2026, 10, 20), date(2026, 10, 21), date(2026, 11, 20)),
        ),
    ),
)


def flaws(text: str, kind: Format = "json") -> list[tuple[int, str]]:
    return [(flaw.line, flaw.field) for flaw in read_import(text.encode(), kind).flaws]


def test_both_formats_say_the_same() -> None:
    csv = read_import(CSV.encode(), "csv")
    assert csv.flaws == []
    assert tuple(line.row for line in csv.lines) == ROWS
    assert [line.number for line in csv.lines] == [2, 4]
    json = read_import(
        b"[\n" + b",\n".join(msgspec.json.encode(row) for row in ROWS) + b"]", "json"
    )
    assert json.flaws == []
    assert tuple(line.row for line in json.lines) == ROWS
    assert [line.number for line in json.lines] == [2, 3]


def test_semicolons_and_a_byte_order_mark_are_what_spreadsheets_write() -> None:
    read = read_import(b"\xef\xbb\xbfreference;plan\r\ntenant-1;gratis\r\n", "csv")
    assert [line.row for line in read.lines] == [Row("tenant-1", "gratis")]


def test_every_line_that_is_wrong_is_told_with_its_fields() -> None:
    text = """[
        {"reference": " a", "plan": "p", "price": 99000.5, "paid_through": "2026-02-30"},
        {"plan": "p", "status": "pending", "harga": 1},
        7,
        {"reference": "c", "plan": "p", "open_invoice": {"amount": 499, "codes": []}},
        {"reference": "d", "plan": "p",
         "paid_invoices": [{"number": "1", "amount": "99000", "paid_on": "2026-01-01",
                            "period_start": "2026-01-01", "period_end": "2026-01-31"}]}
    ]"""
    assert flaws(text) == [
        (2, "reference"), (2, "price"), (2, "paid_through"),
        (3, "reference"), (3, "status"), (3, "harga"),
        (4, ""), (5, "open_invoice.amount"), (6, "paid_invoices[0].amount"),
    ]  # fmt: skip


_SAID = [
    ("reference", "1", "1 is no text"),
    ("reference", '""', "it is empty"),
    ("reference", '" a"', "“ a” has a space, or a character that is not kept, where none may be"),
    ("price", "-5", "-5 is too small; the smallest is 0"),
    ("price", "10000001", "10000001 is too large; the largest is 10000000"),
    ("price", "1.5", "1.5 is not a whole number; write it like 99000"),
    ("price", "true", "true is not a whole number; write it like 99000"),
    ("price", '"99.000"', "“99.000” is not a whole number; write it like 99000"),
    ("paid_through", '"2026-02-30"', "“2026-02-30” is no date; write it like 2026-11-21"),
    ("paid_through", "7", "7 is no date; write it like 2026-11-21"),
    ("status", '"pending"', "“pending” cannot stand here"),
    ("cancel_at_period_end", '"ya"', "“ya” is neither true nor false"),
    ("metadata", "[]", "it is no JSON object"),
    ("paid_invoices", "{}", "it is no JSON list"),
    ("open_invoice", "{}", "a field is missing: amount"),
    ("open_invoice", '{"amount": 500, "x": 1}', "there is no such field: x"),
    ("open_invoice", '{"amount": 499}', "499 is too small; the smallest is 500"),
    ("open_invoice", '{"amount": 500, "codes": [{"order_id": "a", "total": "5"}]}',
     "“5” is not a whole number; write it like 99000"),
    ("open_invoice", '{"amount": 500, "codes": [{"order_id": "a", "made_at": "z"}]}',
     "“z” is no instant; write it like 2026-11-21T10:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "written", "said"), _SAID)
def test_what_is_wrong_is_said_in_words(field: str, written: str, said: str) -> None:
    row = {"reference": '"a"', "plan": '"p"', field: written}
    text = ", ".join(f'"{name}": {value}' for name, value in row.items())
    (flaw,) = read_import(f"[{{{text}}}]".encode(), "json").flaws
    assert flaw.message == said


def test_a_field_that_stands_twice_is_refused_and_the_rest_is_read() -> None:
    text = """[{"reference": "a", "reference": "b", "plan": "p"},
        {"reference": "c", "plan": "p", "metadata": {"x": 1, "x": 2}},
        {"reference": "d", "plan": "p", "price": -1}]"""
    assert flaws(text) == [(1, ""), (2, ""), (3, "price")]
    cell = 'reference,plan,metadata\na,p,"{""x"": 1, ""x"": 2}"\n'
    assert flaws(cell, "csv") == [(2, "metadata")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1), ("{}", 1), ("[", 1), ("[{}\n{}]", 2), ('[\n{"reference": }]', 2), ("[]", 1),
        ("[]\n[]", 2), ('[{"a": ' + "9" * 5000 + "}]", 1), ("[" * 100_000, 1),
    ],
)  # fmt: skip
def test_what_is_no_list_of_objects_is_refused(text: str, line: int) -> None:
    found = read_import(text.encode(), "json")
    assert found.lines == []
    assert line in [flaw.line for flaw in found.flaws]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reference,harga\na,1\n", [(1, "harga"), (1, "plan")]),
        ("reference,plan,plan\na,b,c\n", [(1, "plan")]),
        ("reference,plan\na\nb,p,q\n", [(2, ""), (3, "")]),
        ('reference,plan\n"a', [(2, "")]),
        ("reference,plan,price\na,p,99.000\nb,p,Rp99000\n", [(2, "price"), (3, "price")]),
        ("reference,plan,metadata\na,p,{\n", [(2, "metadata")]),
        ("reference,plan,cancel_at_period_end\na,p,ya\n", [(2, "cancel_at_period_end")]),
        ("\n", [(1, "")]),
    ],
)
def test_a_table_that_is_wrong_is_refused_by_line_and_column(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert flaws(text, "csv") == expected


def test_text_that_no_database_keeps_is_refused() -> None:
    assert flaws(r'[{"reference": "a\u0000b", "plan": "p"}]') == [(1, "reference")]
    assert flaws(r'[{"reference": "a\ud800", "plan": "p"}]') == [(1, "")]
    assert flaws(r'[{"reference": "a", "plan": "p", "metadata": {"\ud800": 1}}]') == [(1, "")]
    assert read_import(b"reference,plan\n\xff,p", "csv").flaws == [
        Flaw(2, "", "it is not UTF-8 text; save the file as UTF-8")
    ]


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,  # of a hundred every other draw is one too large, and is thrown away
)


@pytest.mark.timeout(900)
@given(st.lists(st.dictionaries(st.sampled_from(Row.__struct_fields__), _anything), max_size=8))
def test_nothing_in_a_file_breaks_the_reader(rows: list[dict[str, Any]]) -> None:
    content = msgspec.json.encode([*rows, {"reference": "a", "plan": "p"}])
    assert read_import(content, "json").lines[-1].row == Row("a", "p")


@given(st.binary(), st.sampled_from(["csv", "json"]))
def test_no_bytes_break_the_reader(content: bytes, kind: Format) -> None:
    assert isinstance(read_import(content, kind).flaws, list)
