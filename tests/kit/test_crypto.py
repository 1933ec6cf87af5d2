"""Secrets stay secret, come back whole, and a wrong key is noticed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_service.kit.crypto import (
    SecretBox,
    digest,
    fingerprint,
    new_key,
    new_webhook_secret,
    same,
)
from payment_service.kit.errors import CannotStart

KEY = new_key()
BOX = SecretBox([KEY])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_again(secret: str) -> None:
    assert BOX.open(BOX.seal(secret)) == secret


def test_sealing_hides_the_secret_and_never_looks_the_same() -> None:
    sealed = {BOX.seal("hunter2-hunter2") for _ in range(100)}
    assert len(sealed) == 100
    assert not any("hunter2" in one for one in sealed)


def test_after_a_rotation_the_old_key_still_opens_and_the_first_one_seals() -> None:
    newer = new_key()
    rotated = SecretBox([newer, KEY])
    assert rotated.open(BOX.seal("kept")) == "kept"
    assert SecretBox([newer]).open(rotated.seal("fresh")) == "fresh"
    assert rotated.fingerprint == fingerprint(newer)


def test_another_key_is_refused_in_one_line() -> None:
    with pytest.raises(CannotStart, match="does not open with this key file") as caught:
        SecretBox([new_key()]).open(BOX.seal("mine"))
    assert "mine" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_changed_character_goes_unnoticed() -> None:
    sealed = BOX.seal("Rp99.000")
    for place in range(0, len(sealed) - 4):
        changed = "A" if sealed[place] != "A" else "B"
        with pytest.raises(CannotStart):
            BOX.open(sealed[:place] + changed + sealed[place + 1 :])


@pytest.mark.parametrize("key", ["", "short", "x" * 44, "kunci-rahasia-é" * 3, "x" * 42])
def test_what_is_no_key_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(CannotStart, match="not 32 bytes") as caught:
        SecretBox([key])
    assert not key or key not in str(caught.value)


def test_a_fingerprint_names_a_key_without_telling_it() -> None:
    assert len(fingerprint(KEY)) == 8
    assert fingerprint(KEY) == BOX.fingerprint != fingerprint(new_key())
    assert fingerprint(KEY) not in KEY


@given(st.text(max_size=40), st.text(max_size=40))
def test_comparing_in_constant_time_is_still_comparing(left: str, right: str) -> None:
    assert same(left, right) == (left == right)
    assert same(left, left)


def test_a_digest_is_sha_256() -> None:
    assert digest("abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a396177a9c")


def test_a_webhook_secret_is_what_standard_webhooks_asks() -> None:
    prefix, _, encoded = new_webhook_secret().partition("_")
    assert prefix == "whsec"
    assert len(base64.b64decode(encoded, validate=True)) == 32
    assert new_webhook_secret() != new_webhook_secret()
