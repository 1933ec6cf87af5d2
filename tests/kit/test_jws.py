"""Access passes are signed so that a library of somebody else's verifies them."""

import json

import jwt
import pytest

from payment_service.kit.jws import Signer, new_key_pair


def test_a_foreign_library_verifies_what_is_signed() -> None:
    private, public = new_key_pair()
    token = Signer("pky_1", private).sign(b'{"sub":"tenant-42"}')
    key = jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": public})
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": "pky_1", "typ": "JWT"}
    assert jwt.decode(token, key, algorithms=["EdDSA"]) == {"sub": "tenant-42"}
    assert "=" not in token


def test_another_key_did_not_sign_it() -> None:
    token = Signer("pky_1", new_key_pair()[0]).sign(json.dumps({"sub": "tenant-42"}).encode())
    other = jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": new_key_pair()[1]})
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, other, algorithms=["EdDSA"])
