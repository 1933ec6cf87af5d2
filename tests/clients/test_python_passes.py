"""The Python client believes a pass only of the right key, app, installation and time."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from payment_service_client import (
    AccessPass,
    ExpiredPass,
    InvalidPass,
    PassVerifier,
    UnknownKey,
)

ISSUER = "https://bayar.example.com"
APP = "app_1"
NOW = datetime(2026, 1, 31, 3, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.generate()
OTHER = Ed25519PrivateKey.generate()


def base64url(some: bytes) -> str:
    return base64.urlsafe_b64encode(some).rstrip(b"=").decode()


def key_set(**keys: Ed25519PrivateKey) -> bytes:
    listed = [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": name,
            "x": base64url(key.public_key().public_bytes_raw()),
        }
        for name, key in keys.items()
    ]
    return msgspec.json.encode({"keys": [*listed, {"kty": "RSA", "kid": "r", "n": "AQAB"}]})


def claims(**changes: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    return {
        "iss": ISSUER,
        "aud": APP,
        "sub": "tenant-42",
        "app": APP,
        "subscription": "sub_1",
        "plan": "bulanan",
        "features": {"kasir": 3},
        "access": True,
        "access_until": "2026-02-28",
        "seq": 2,
        "iat": issued,
        "exp": issued + 3600,
        **changes,
    }


def token(
    told: dict[str, Any] | None = None, key: Any = PRIVATE, algorithm: str = "EdDSA", **header: Any
) -> str:
    made: str = jwt.encode(
        told or claims(), key, algorithm=algorithm, headers={"kid": "pky_1", **header}
    )
    return made


def raw(header: bytes, body: bytes, key: Ed25519PrivateKey = PRIVATE) -> str:
    signed = f"{base64url(header)}.{base64url(body)}"
    return f"{signed}.{base64url(key.sign(signed.encode()))}"


HEADER = b'{"alg":"EdDSA","kid":"pky_1"}'


def verifier(now: Callable[[], datetime] = lambda: NOW) -> PassVerifier:
    return PassVerifier(APP, ISSUER, keys=key_set(pky_1=PRIVATE), now=now)


def test_a_pass_is_read() -> None:
    assert verifier().verify(token()) == AccessPass(
        issuer=ISSUER,
        app=APP,
        reference="tenant-42",
        subscription="sub_1",
        plan="bulanan",
        features={"kasir": 3},
        access=True,
        access_until=datetime(2026, 2, 28).date(),  # noqa: DTZ001
        seq=2,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    assert verifier().verify(token(claims(later=[1]), typ="JWT")).access  # what is new is ignored


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"app": "app_2", "aud": "app_2"},
    {"app": "app_2"},
    {"aud": "app_2"},
    {"aud": [APP]},
    {"iss": "https://bayar.example.org"},
    {"iat": int(NOW.timestamp()) + 600},
    {"access": "true"},
    {"access": 1},
    {"exp": "soon"},
    {"exp": 10**18},
    {"exp": None},
    {"seq": True},
]


@pytest.mark.parametrize("changes", WRONG_CLAIMS, ids=str)
def test_what_it_says_must_fit(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidPass):
        verifier().verify(raw(HEADER, msgspec.json.encode(claims(**changes))))


def test_it_ends_when_it_says() -> None:
    for seconds, fits in ((3600, True), (3659, True), (3660, False), (10**8, False)):
        at = NOW + timedelta(seconds=seconds)
        if fits:
            assert verifier(lambda at=at: at).verify(token())  # type: ignore[misc]
        else:
            with pytest.raises(ExpiredPass):
                verifier(lambda at=at: at).verify(token())  # type: ignore[misc]


def test_nobody_else_signs() -> None:
    with pytest.raises(InvalidPass, match="signature"):
        verifier().verify(token(key=OTHER))
    with pytest.raises(UnknownKey):
        verifier().verify(token(kid="pky_2"))


def test_a_changed_claim_breaks_it() -> None:
    header, _, signature = token().split(".")
    forged = base64url(msgspec.json.encode(claims(access_until="2036-02-28")))
    with pytest.raises(InvalidPass, match="signature"):
        verifier().verify(f"{header}.{forged}.{signature}")


def other_algorithms(body: str) -> Iterator[tuple[str, str]]:
    """Signed by the right key, by none, and by the public key as if it were a secret."""
    public = PRIVATE.public_key().public_bytes_raw()
    for algorithm in ("none", "None", "HS256", "EdDSA ", "eddsa", "RS256", ""):
        head = base64url(msgspec.json.encode({"alg": algorithm, "kid": "pky_1"}))
        signed = f"{head}.{body}"
        mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
        for signature in (mac, PRIVATE.sign(signed.encode()), b"\0", b""):
            yield algorithm, f"{signed}.{base64url(signature)}"


def test_no_other_algorithm_is_believed() -> None:
    for _, forged in other_algorithms(base64url(msgspec.json.encode(claims()))):
        with pytest.raises(InvalidPass):
            verifier().verify(forged)


JUNK: list[Any] = [
    "",
    "..",
    "a.b",
    "a.b.c.d",
    token() + "\n",
    " " + token(),
    token() + "=",
    token().replace("-", "+").replace("_", "/") + "+",
    "a" * 100_000,
    raw(b"[" * 20_000, b"{}"),
    raw(HEADER, b'{"iss":' + b"[" * 20_000),
    raw(
        HEADER,
        msgspec.json.encode(claims())[:-1]
        + b',"features":{"a":'
        + b"[" * 10_000
        + b"]" * 10_000
        + b"}}",
    ),
    raw(b'{"alg":"EdDSA","kid":"pky_1","crit":["exp"]}', msgspec.json.encode(claims())),
    raw(b'{"alg":"EdDSA"}', msgspec.json.encode(claims())),
    raw(b'{"alg":"EdDSA","kid":["pky_1"]}', msgspec.json.encode(claims())),
    raw(HEADER, b"\xff"),
    None,
    b"a.b.c",
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda value: repr(value)[:20])
def test_junk_is_refused_as_what_it_is(junk: Any) -> None:
    with pytest.raises(InvalidPass):
        verifier().verify(junk)


class Issuer:
    """What answers where the keys are, and a clock."""

    def __init__(self) -> None:
        self.answer: bytes | None = key_set(pky_1=PRIVATE)
        self.status = 200
        self.looked = 0
        self.now = NOW

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == f"{ISSUER}/.well-known/payment-service/keys.json"
        self.looked += 1
        if self.answer is None:
            raise httpx.ConnectError("down")
        return httpx.Response(self.status, content=self.answer)

    def verifier(self) -> PassVerifier:
        transport = httpx.MockTransport(self)
        return PassVerifier(APP, ISSUER, now=lambda: self.now, transport=transport)

    def passes(self, **seconds: float) -> None:
        self.now += timedelta(**seconds)


def good(at: datetime, key: Ed25519PrivateKey = PRIVATE, kid: str = "pky_1") -> str:
    issued = int(at.timestamp())
    return token(claims(iat=issued, exp=issued + 72 * 3600), key=key, kid=kid)


def test_keys_are_looked_at_once_an_hour() -> None:
    issuer = Issuer()
    passes = issuer.verifier()
    for _ in range(100):
        assert passes.verify(good(issuer.now)).access
        issuer.passes(seconds=30)
    assert issuer.looked == 1
    issuer.passes(minutes=10)
    passes.verify(good(issuer.now))
    assert issuer.looked == 2


def test_a_new_key_is_looked_for_and_strangers_do_not_make_it_look_all_the_time() -> None:
    issuer = Issuer()
    passes = issuer.verifier()
    passes.verify(good(issuer.now))
    issuer.answer = key_set(pky_1=PRIVATE, pky_2=OTHER)
    with pytest.raises(UnknownKey):  # it has just looked
        passes.verify(good(issuer.now, OTHER, "pky_2"))
    issuer.passes(seconds=30)
    assert passes.verify(good(issuer.now, OTHER, "pky_2")).access
    for number in range(1000):
        with pytest.raises(UnknownKey):
            passes.verify(good(issuer.now, OTHER, f"pky_{number + 3}"))
    assert issuer.looked == 2


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, None), (500, b"oops"), (200, b"<html>"), (200, b'{"keys":[]}'), (302, b"")],
    ids=["down", "500", "html", "empty", "redirect"],
)
def test_what_is_known_is_enough_while_the_issuer_does_not_answer(
    status: int, answer: bytes | None
) -> None:
    issuer = Issuer()
    passes = issuer.verifier()
    passes.verify(good(issuer.now))
    issuer.status, issuer.answer = status, answer
    issuer.passes(hours=71)
    assert passes.verify(good(issuer.now)).access
    issuer.passes(hours=2)
    with pytest.raises(UnknownKey, match="could not be read"):
        passes.verify(good(issuer.now))


def test_a_withdrawn_key_is_not_believed_once_the_keys_are_looked_at() -> None:
    issuer = Issuer()
    passes = issuer.verifier()
    passes.verify(good(issuer.now))
    issuer.answer = key_set(pky_2=OTHER)
    issuer.passes(hours=1)
    with pytest.raises(UnknownKey):
        passes.verify(good(issuer.now))


def test_junk_does_not_make_it_look() -> None:
    issuer = Issuer()
    with pytest.raises(InvalidPass):
        issuer.verifier().verify("a.b.c")
    assert issuer.looked == 0
