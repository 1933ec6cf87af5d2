"""QRIS payloads: real shapes are read, ours are well-formed, forgeries are seen."""

from pathlib import Path

import pytest
import qriskit
from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.qris import Qris, QrisError, build, crc, parse

SAMPLES = Path(__file__).parents[1] / "data" / "qris-samples.tsv"
ROWS = [line.split("\t") for line in SAMPLES.read_text().splitlines()[1:]]

BLANKS = " \t\r\n\v\f\N{NO-BREAK SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
LETTERS = st.characters(codec="ascii", categories=("L", "N", "P", "Zs"))
TAGS = st.dictionaries(
    st.integers(2, 99).filter(lambda tag: tag != 63).map("{:02d}".format),
    st.text(LETTERS, max_size=40),
    max_size=12,
)


def written(tags: dict[str, str]) -> str:
    head = "".join(f"{tag}{len(text):02d}{text}" for tag, text in tags.items()) + "6304"
    return head + crc(head)


@pytest.mark.parametrize(("payload", "crc_ok", "note"), ROWS, ids=[row[2] for row in ROWS])
def test_a_real_code_gets_the_stated_verdict(payload: str, crc_ok: str, note: str) -> None:
    code = parse(payload)

    assert code.crc_ok is (crc_ok == "true")
    assert code.currency == "360"
    _, stated, amount = note.partition("amount ")
    assert code.amount == (int(amount.split(",")[0].removesuffix(".00")) if stated else None)


def test_the_official_sample_says_name_city_and_total() -> None:
    code = parse(ROWS[0][0])

    assert (code.merchant, code.city, code.amount) == ("Pakasir", "KAB. KEBUMEN", 100003)


@given(TAGS)
def test_the_oracle_reads_the_same_tags_and_checksum(tags: dict[str, str]) -> None:
    payload = written({"00": "01", **tags})

    ours, theirs = parse(payload), qriskit.parse(payload)

    assert dict(ours.tags) == {node.tag: node.value for node in theirs.nodes}
    assert ours.crc_ok
    assert not any(issue.code.startswith("crc") for issue in qriskit.validate(payload))


@given(TAGS, st.data())
def test_one_changed_character_never_keeps_its_checksum(
    tags: dict[str, str], data: st.DataObject
) -> None:
    payload = written({"00": "01", **tags})
    at = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(LETTERS.filter(lambda letter: letter != payload[at]))

    assert not trusted(payload[:at] + other + payload[at + 1 :])


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except QrisError as error:
        # The oracle only reports a tag that stands twice, and takes blanks away around a code.
        if "twice" not in str(error) and text == text.strip(BLANKS):
            with pytest.raises(qriskit.QRISParseError):
                qriskit.parse(text)


@given(
    amount=st.integers(1, 10_150_000),
    merchant=st.text(LETTERS, min_size=1, max_size=25),
    reference=st.text("abcdefghjkmnpqrstvwxyz0123456789", min_size=1, max_size=25),
)
def test_what_we_build_the_oracle_finds_without_fault(
    amount: int, merchant: str, reference: str
) -> None:
    payload = a_code(amount=amount, merchant=merchant, reference=reference)

    theirs = qriskit.parse(payload)

    assert qriskit.validate(payload) == []
    assert (int(theirs.amount or 0), theirs.merchant_name) == (amount, merchant)
    assert theirs.is_dynamic
    assert payload.startswith("000201")
    assert parse(payload).amount == amount


def test_a_name_without_room_is_refused_instead_of_cut() -> None:
    with pytest.raises(ValueError, match="merchant has more than 25"):
        a_code(merchant="BENGKEL JAYA MOTOR SEJAHTERA")


@pytest.mark.parametrize(
    ("amount", "rupiah"),
    [
        ("99000", 99000),
        ("100003.00", 100003),
        ("50544.", 50544),
        ("99000.50", None),
        ("0", None),
        ("-5", None),
        ("1e5", None),
        ("9.9.9", None),
        ("", None),
        (".", None),
        ("٩٩", None),
    ],
)
def test_only_whole_rupiah_are_an_amount(amount: str, rupiah: int | None) -> None:
    assert parse(written({"00": "01", "54": amount})).amount == rupiah


@pytest.mark.parametrize(
    "broken",
    ["0", "0002", "000201540", "00020154999", "AA0201", "00²²01", "000201" * 2, "5402105402206304"],
)
def test_broken_or_doubled_tags_are_refused(broken: str) -> None:
    with pytest.raises(QrisError):
        parse(broken)


def test_a_checksum_that_is_not_last_or_not_there_does_not_count() -> None:
    payload = a_code()

    assert not parse(payload + "9902ok").crc_ok
    assert not parse(payload[:-8]).crc_ok
    assert not parse("").crc_ok


def test_what_was_parsed_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        parse(a_code()).tags["54"] = "1"  # type: ignore[index] # that is the point


def a_code(*, amount: int = 99_000, merchant: str = "BENGKEL JAYA", reference: str = "r1") -> str:
    return build(
        amount=amount,
        merchant=merchant,
        city="BANDUNG",
        account={"00": "ID.CO.EXAMPLE.WWW", "01": "0" * 18, "02": "0" * 15, "03": "UMI"},
        nmid="ID" + "0" * 13,
        reference=reference,
    )


def trusted(payload: str) -> bool:
    try:
        code: Qris = parse(payload)
    except QrisError:
        return False
    return code.crc_ok
