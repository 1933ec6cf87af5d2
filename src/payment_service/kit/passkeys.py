"""Passkeys, as WebAuthn defines them; loaded by name when the first one is asked for."""

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

TIMEOUT_MS = 5 * 60 * 1000
FAULTS = (WebAuthnException, msgspec.MsgspecError, ValueError, KeyError, TypeError)
"""What browsers send may be anything at all."""
VERIFIED = UserVerificationRequirement.REQUIRED


def options_to_create(
    origin_host: str, user_id: str, email: str, name: str, challenge: str, known: list[str]
) -> str:
    """JSON for the browser; `known` are those that the person has already."""
    return options_to_json(
        generate_registration_options(
            rp_id=origin_host,
            rp_name="Payment Service",
            user_id=user_id.encode(),
            user_name=email,
            user_display_name=name,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
            exclude_credentials=_described(known),
        )
    )


def options_to_use(origin_host: str, challenge: str, known: list[str]) -> str:
    """JSON for the browser; with none known it offers whatever it has for this host."""
    return options_to_json(
        generate_authentication_options(
            rp_id=origin_host,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            allow_credentials=_described(known),
            user_verification=VERIFIED,
        )
    )


class _Response(msgspec.Struct):
    client_data: str = msgspec.field(name="clientDataJSON")


class _Answer(msgspec.Struct):
    id: str
    response: _Response


def said(answer: str) -> tuple[str, str]:
    """Which credential a browser's answer is of, and which challenge it says it signed; both empty
    where it is no such answer. Nothing is proven by this yet."""
    try:
        read = msgspec.json.decode(answer, type=_Answer)
        client = parse_client_data_json(base64url_to_bytes(read.response.client_data))
        return read.id, client.challenge.decode()
    except FAULTS:
        return "", ""


def created(
    answer: str, challenge: str, origin: str, origin_host: str
) -> tuple[str, str, int] | None:
    """Id and public key as base64url, and the count of uses, of the passkey that the browser made;
    None when anything about the answer is wrong."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=origin_host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except FAULTS:
        return None
    return (
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
    )


def used(
    answer: str, challenge: str, origin: str, origin_host: str, public_key: str, count: int
) -> int | None:
    """The passkey's new count of uses, None when anything about the answer is wrong."""
    try:
        done = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=origin_host,
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    except FAULTS:
        return None
    return done.new_sign_count


def _described(known: list[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]
