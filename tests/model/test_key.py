"""API keys are told from noise by their checksum, before any query."""

import random
from datetime import timedelta

from payment_service.model.key import BASE62, hash_of, key_record, new_secret, usable, well_formed
from tests.model.records import NOW


def near_miss(secret: str, chance: random.Random) -> str:
    """The key with one small thing wrong."""
    place = chance.randrange(9, len(secret))
    other = chance.choice([letter for letter in BASE62 if letter != secret[place]])
    return chance.choice(
        [
            secret[:place] + other + secret[place + 1 :],
            secret[:place] + secret[place + 1 :] + other,
            secret[:-1],
            secret + other,
            secret.replace("psk_test", "psk_live"),
            secret.upper(),
            "psk_test_" + "".join(chance.choice(BASE62) for _ in range(38)),
        ]
    )


def test_a_key_is_well_formed_and_says_its_mode() -> None:
    for mode in ("live", "test"):
        secret = new_secret("live" if mode == "live" else "test")
        assert well_formed(secret)
        assert secret.startswith(f"psk_{mode}_")
        assert len(secret) == 47


def test_of_a_hundred_thousand_near_misses_none_is_well_formed() -> None:
    chance = random.Random(2026)
    secret = new_secret("test")
    misses = {near_miss(secret, chance) for _ in range(100_000)} - {secret}
    assert len(misses) > 10_000
    assert [miss for miss in misses if well_formed(miss)] == []


def test_noise_of_any_script_is_not_well_formed() -> None:
    for noise in ("", "psk_test_", "é" * 47, "psk_test_" + "٣" * 38, "\0" * 47, "Bearer"):
        assert not well_formed(noise)


def test_a_thousand_keys_all_differ() -> None:
    assert len({new_secret("test") for _ in range(1000)}) == 1000


def test_nothing_that_is_kept_of_a_key_tells_it() -> None:
    secret = new_secret("test")
    key = key_record("app_1", secret, "key", ("read",), NOW)
    assert key.hash == hash_of(secret)
    assert secret not in repr(key)
    assert len(key.start) + len(key.last4) == 16


def test_a_key_is_usable_until_it_expires_or_is_revoked() -> None:
    secret = new_secret("test")
    key = key_record("app_1", secret, "key", ("read",), NOW)
    assert usable(key, NOW)
    ends = type(key)(**{**{f: getattr(key, f) for f in key.__struct_fields__}, "expires_at": NOW})
    assert not usable(ends, NOW)
    assert usable(ends, NOW - timedelta(microseconds=1))
