"""Codes of authenticator apps, beside those of somebody else's library and of the standard."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from payment_service.kit.totp import STEP_SECONDS, address, new_seed, step_of

NOW = datetime(2026, 11, 29, 5, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // STEP_SECONDS
SEED = base64.b32encode(b"12345678901234567890").decode()
"""Of the standard. Of a random one two codes of three are alike once in half a million."""


@pytest.mark.parametrize(
    ("second", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_a_code_is_as_rfc_6238_has_it(second: int, code: str) -> None:
    step = second // STEP_SECONDS
    assert step_of(SEED, code, datetime.fromtimestamp(second, UTC), step - 1) == step


def test_a_code_counts_while_it_shows_and_once() -> None:
    code = pyotp.TOTP(SEED).at(NOW)
    assert step_of(SEED, f"{code[:3]} {code[3:]}", NOW, 0) == STEP
    assert step_of(SEED, code, NOW, STEP) is None
    assert step_of(SEED, code, NOW + timedelta(seconds=STEP_SECONDS), 0) is None
    assert step_of(SEED, code, NOW - timedelta(seconds=STEP_SECONDS), 0) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "-1-1-1"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert step_of(new_seed(), typed, NOW, 0) is None


def test_an_app_reads_the_seed_and_whose_it_is() -> None:
    seed = new_seed()
    told = address(seed, "budi+toko@example.com")
    read = pyotp.parse_uri(told)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (
        seed, "budi+toko@example.com", "Payment Service",
    )  # fmt: skip
    assert read.at(NOW) == pyotp.TOTP(seed).at(NOW)
    assert "+" not in told  # which some apps would show
