"""Keys and secrets are checked before anything is sent, and are shown nowhere."""

from datetime import UTC, datetime

import msgspec
import pytest

from payment_service_client import AsyncClient, Client, WebhookVerifier
from payment_service_client.account import ApiKey
from payment_service_client.records import AccessPassText, Record

KEY = "psk_test_" + "aB3" * 12 + "xy"
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (KEY + "\n", "white space"),
        (" " + KEY, "white space"),
        (KEY[:-1], "no API key"),
        (KEY + "\u200b", "no API key"),
        (f"Bearer {KEY}", "no API key"),
        (KEY.replace("psk", "sk"), "no API key"),
        ("", "no API key"),
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_that_cannot_be_right_is_refused_without_being_told(
    kind: type[Client], key: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said) as wrong:
        kind(key, "https://bayar.example.com")
    assert "aB3" not in str(wrong.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://bayar.example.com",
        "https://user:geheim@bayar.example.com",
        "bayar.example.com",
        "ftp://bayar.example.com",
        "https://",
        "https://bayar.example.com/?a=1",
        "https://bayar.example.com#a",
    ],
)
def test_an_address_that_cannot_be_right_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base_url") as wrong:
        Client(KEY, url)
    assert "geheim" not in str(wrong.value)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_no_client_shows_its_key(kind: type[Client]) -> None:
    client = kind(KEY, "http://localhost:5005")
    assert "aB3" not in repr(client) + str(client) + repr(vars(client))
    assert "test key" in repr(client)


@pytest.mark.parametrize("secret", [SECRET + "\n", "whsec_", "", SECRET.removeprefix("whsec_")])
def test_a_webhook_secret_that_cannot_be_right_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret") as wrong:
        WebhookVerifier(secret)
    assert "C2FV" not in str(wrong.value)
    with pytest.raises(ValueError, match="give the endpoint"):
        WebhookVerifier()


def test_records_do_not_show_their_secrets() -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    key = {"id": "key_1", "name": "k", "start": "psk_test_", "last4": "xy", "scopes": ["read"]}
    times = {"created_at": now, "expires_at": None, "last_used_at": None, "revoked_at": None}
    shown: list[Record] = [
        msgspec.convert({**key, **times, "status": "active", "secret": KEY}, ApiKey),
        msgspec.convert({"pass": "aB3.C2FV.x", "expires_at": now}, AccessPassText),
    ]
    for record in shown:
        assert "aB3" not in repr(record)
        assert "C2FV" not in f"{record}"
        assert "='…'" in repr(record)
    assert "C2FV" not in repr(WebhookVerifier(SECRET))
