"""The Python client takes a message only as it was signed, by whom, and when."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from standardwebhooks import Webhook

from payment_service_client import InvalidWebhook, UnexpectedAnswer, WebhookVerifier

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OTHER = "whsec_AAAAsBQIhrscChlQIMV+b5sSYspob7oD"
NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
BODY = msgspec.json.encode(
    {"type": "payment.moved", "timestamp": NOW, "data": {"id": "pay_1", "new": [1, {}]}}
)


def signed(body: bytes = BODY, *secrets: str, at: datetime = NOW) -> dict[str, str]:
    made = [Webhook(secret).sign("evt_1", at, body.decode()) for secret in secrets or (SECRET,)]
    return {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": " ".join(made),
    }


def verifier(*secrets: str) -> WebhookVerifier:
    return WebhookVerifier(*(secrets or (SECRET,)), now=lambda: NOW)


def test_a_message_is_read_also_of_a_type_that_is_not_known() -> None:
    event = verifier().verify(BODY, signed())
    assert (event.id, event.type, event.timestamp) == ("evt_1", "payment.moved", NOW)
    assert event.data == {"id": "pay_1", "new": [1, {}]}
    assert (event.subscription, event.invoice, event.payment) == (None, None, None)


def test_either_secret_fits_while_one_is_rolled() -> None:
    both = signed(BODY, OTHER, SECRET)
    for known in (verifier(SECRET), verifier(OTHER), verifier(SECRET, OTHER)):
        assert known.verify(BODY, both).id == "evt_1"
    assert verifier(OTHER, SECRET).verify(BODY, signed(BODY, SECRET)).id == "evt_1"


@pytest.mark.parametrize("seconds", [-301, 301, -(10**9), 10**9])
def test_one_from_another_time_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidWebhook, match="too old or too new"):
        verifier().verify(BODY, signed(at=NOW + timedelta(seconds=seconds)))
    assert verifier().verify(BODY, signed(at=NOW - timedelta(seconds=300)))


@pytest.mark.parametrize("place", range(0, len(BODY), 9))
def test_one_flipped_bit_is_refused(place: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= 1
    with pytest.raises(InvalidWebhook):
        verifier().verify(bytes(changed), signed())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Webhook-Id", "evt_2"),
        ("Webhook-Timestamp", "now"),
        ("Webhook-Timestamp", "9" * 12),
        ("Webhook-Timestamp", "1769828400.5"),
        ("Webhook-Timestamp", "nan"),
        ("Webhook-Signature", ""),
        ("Webhook-Signature", "v1"),
        ("Webhook-Signature", "v1,é"),
        ("Webhook-Signature", "v1a,AAAA"),
        ("Webhook-Signature", "v1,AAAA v1,BBBB"),
    ],
)
def test_other_headers_are_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidWebhook):
        verifier().verify(BODY, {**signed(), name: value})


@pytest.mark.parametrize("name", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_a_missing_header_is_named(name: str) -> None:
    told = {key: value for key, value in signed().items() if key != name}
    with pytest.raises(InvalidWebhook, match=name.lower()):
        verifier().verify(BODY, told)


def test_another_secret_is_refused() -> None:
    with pytest.raises(InvalidWebhook, match="no signature fits"):
        verifier(OTHER).verify(BODY, signed())


def test_parsed_json_is_no_body() -> None:
    with pytest.raises(TypeError, match="bytes as they came"):
        verifier().verify(BODY.decode(), signed())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"type": 1}',
        b'{"type":"a","timestamp":"2026-01-31T03:00:00Z","data":[]}',
        b'{"type":"a","timestamp":"yesterday","data":{}}',
        b'{"type":"a","timestamp":"2026-01-31T03:00:00Z","data":{"a":' + b"[" * 100_000,
        b'{"type":"a","timestamp":"2026-01-31T03:00:00Z","data":{"a":'
        + b"[" * 10_000
        + b"]" * 10_000
        + b"}}",
    ],
    ids=["empty", "null", "list", "short", "data", "time", "open", "deep"],
)
def test_what_is_signed_and_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidWebhook, match="no message"):
        verifier().verify(body, signed(body))


def test_broken_text_and_endless_bodies_are_refused() -> None:
    with pytest.raises(InvalidWebhook, match="UTF-8"):
        verifier().verify(b"\xff", signed())
    with pytest.raises(InvalidWebhook, match="too large"):
        verifier().verify(b" " * 2_000_000, signed())


def test_data_of_another_shape_is_told_when_it_is_read() -> None:
    body = BODY.replace(b"payment.moved", b"payment.credited")
    event = verifier().verify(body, signed(body))
    with pytest.raises(UnexpectedAnswer, match="as new as the service"):
        _ = event.payment
