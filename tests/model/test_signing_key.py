"""Which key signs, and which are published, from one roll to the next."""

from datetime import timedelta

import pytest

from payment_service.kit.crypto import SecretBox, new_key
from payment_service.model.signing_key import (
    LEAD,
    LIFE,
    SKEW,
    SigningKey,
    new_signing_key,
    published,
    signing,
)
from tests.clocks import HandClock

BOX = SecretBox([new_key()])


@pytest.fixture
def rolled(clock: HandClock) -> list[SigningKey]:
    """Two keys; the second was made now."""
    now = clock.now()
    first = new_signing_key(1, BOX, now - timedelta(days=300), now - timedelta(days=300))
    return [first, new_signing_key(2, BOX, now + LEAD, now)]


def test_a_new_key_is_published_before_it_signs(rolled: list[SigningKey], clock: HandClock) -> None:
    for seconds, number in ((0, 1), (3599, 1), (3600, 2), (10**7, 2)):
        assert signing(rolled, clock.now() + timedelta(seconds=seconds)).number == number
    assert published(rolled, clock.now()) == rolled


def test_an_old_key_is_published_until_its_last_pass_has_expired(
    rolled: list[SigningKey], clock: HandClock
) -> None:
    last_signed = clock.now() + LEAD
    assert published(rolled, last_signed + LIFE) == rolled
    assert published(rolled, last_signed + LIFE + SKEW) == rolled[1:]


def test_a_withdrawn_key_neither_signs_nor_is_published(
    rolled: list[SigningKey], clock: HandClock
) -> None:
    now = clock.now()
    withdrawn = [
        SigningKey(key.id, key.number, key.public, key.private, key.signs_from, now, now, 2)
        for key in rolled
    ]
    third = new_signing_key(3, BOX, now, now)
    assert published([*withdrawn, third], now) == [third]
    assert signing([*withdrawn, third], now) == third


def test_a_clock_that_was_set_back_does_not_leave_nobody_to_sign(
    rolled: list[SigningKey], clock: HandClock
) -> None:
    assert signing(rolled, clock.now() - timedelta(days=900)).number == 1
    with pytest.raises(LookupError):
        signing([], clock.now())
