"""Passwords: which are taken, how they are kept, and that two are hashed at once at most."""

import asyncio
import random
import unicodedata

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from payment_service.kit.errors import Invalid, Unavailable
from payment_service.kit.passwords import MOST_WAITING, Passwords
from payment_service.kit.strength import score
from payment_service.model.admin import check_length, own_words
from tests.counts import times
from tests.model.admins import ADMIN

GOOD = "kuda baterai stapler benar"
COMMON = list(FREQUENCY_LISTS["passwords"])[:3000]


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(memory_kib=8, passes=1, lanes=1)


def fits_the_length(password: str) -> bool:
    try:
        check_length(password)
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("x" * 14, False),
        ("x" * 15, True),
        ("x" * 64, True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("   spasi  di  mana  mana   ", True),
        ("🔑🚲🌋🍜🛠️🔑🚲🌋🍜🛠️🔑🚲🌋", True),
        ("пароль из слов", False),
        ("пароль из слов да", True),
    ],
)
def test_length_is_counted_in_characters(password: str, *, taken: bool) -> None:
    assert fits_the_length(password) is taken


def padded(word: str) -> list[str]:
    """Doubled until it is long enough, and filled up in the ways that people do."""
    doubled = word * -(-15 // len(word))
    return [
        doubled,
        word + "1" * max(0, 15 - len(word)),
        word + "123456789012345"[: max(0, 15 - len(word))],
        word + "!" * max(0, 15 - len(word)),
    ]


def test_common_passwords_doubled_or_padded_are_refused() -> None:
    chosen = random.Random(7).sample(COMMON, times(40, 750))
    for word in chosen:
        for password in padded(word):
            assert score(password, own_words(ADMIN)) < 3, password


@pytest.mark.parametrize(
    "password",
    ["sari wulandari 123", "Sari.Wulandari2026!", "sari@bengkel.id sari", "paymentservice2026!",
     "payment service payment", "bengkelbengkelbengkel", "qwertyuiop123456", "aaaaaaaaaaaaaaaaaaaa",
     "123456789012345678"],
)  # fmt: skip
def test_names_and_patterns_are_refused(password: str) -> None:
    assert score(password, own_words(ADMIN)) < 3


@pytest.mark.parametrize(
    "password", [GOOD, "gF7#kq9!xW2$mn5@bV8", "hujan di bulan juni basah kuyup", "x9" * 3 + GOOD]
)
def test_several_words_or_noise_are_taken(password: str) -> None:
    assert score(password, own_words(ADMIN)) >= 3


def test_the_longest_is_judged_soon() -> None:
    assert score("aB3$qwerty" * 20, own_words(ADMIN)) <= 4


async def test_no_character_is_cut_off(passwords: Passwords) -> None:
    long = "k" * 127
    hashed = await passwords.hash(long + "a")
    assert await passwords.fits(hashed, long + "a")
    assert not await passwords.fits(hashed, long + "b")
    assert not await passwords.fits(hashed, long)


async def test_two_spellings_of_a_character_are_one(passwords: Passwords) -> None:
    hashed = await passwords.hash(unicodedata.normalize("NFD", "Café " + GOOD))
    assert await passwords.fits(hashed, unicodedata.normalize("NFC", "Café " + GOOD))


async def test_without_a_hash_nothing_fits(passwords: Passwords) -> None:
    assert not await passwords.fits(None, GOOD)
    assert not await passwords.fits("no hash at all", GOOD)


async def test_the_usual_hash_is_argon2id_with_64_mib() -> None:
    passwords = Passwords()
    hashed = await passwords.hash(GOOD)
    passwords.close()
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_a_hash_of_other_parameters_is_renewed(passwords: Passwords) -> None:
    other = Passwords(memory_kib=16, passes=1, lanes=1)
    hashed = await other.hash(GOOD)
    renewed = await passwords.renewed(hashed, GOOD)
    other.close()
    assert renewed is not None
    assert await passwords.renewed(renewed, GOOD) is None


async def test_a_crowd_is_turned_away(passwords: Passwords) -> None:
    told = await asyncio.gather(
        *(passwords.hash(GOOD) for _ in range(MOST_WAITING + 5)), return_exceptions=True
    )
    assert sum(isinstance(one, Unavailable) for one in told) == 5
