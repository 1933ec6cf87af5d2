"""A project at Pakasir as its owner copies it from there, checked before it is stored."""

import re

import msgspec

from payment_service.kit.errors import Invalid
from payment_service.outside.addresses import Targets, check_url

DEFAULT_ORIGIN = "https://app.pakasir.com"
VERSIONS = ("v1", "v2")


class PakasirSettings(msgspec.Struct, frozen=True):
    """Version 1 of the API has no webhook secret: its notices are not signed."""

    project: str
    api_key: str
    webhook_secret: str
    origin: str = DEFAULT_ORIGIN
    version: str = "v2"


def check_project(project: PakasirSettings, targets: Targets) -> None:
    """Raises Invalid with the one thing to mend."""
    check_origin(project.origin, targets, DEFAULT_ORIGIN)
    if project.version not in VERSIONS:
        raise Invalid("gateway_version", "The version of Pakasir's API is v1 or v2.")
    if not re.fullmatch(r"[A-Za-z0-9_.~-]{1,100}", project.project):
        raise Invalid("gateway_project", "The project is the slug that Pakasir shows.")
    if not project.api_key or (project.version == "v2" and not project.webhook_secret):
        raise Invalid(
            "gateway_secrets", "A Pakasir project needs its API key and its webhook secret."
        )
    for secret in (project.api_key, project.webhook_secret):
        if len(secret) > 500 or not secret.isascii() or (secret and not secret.isprintable()):
            raise Invalid("gateway_secrets", "A key is at most 500 visible ASCII characters.")


def check_origin(origin: str, targets: Targets, example: str) -> None:
    """Raises Invalid for an address that may not be reached, or one with a path."""
    url = check_url(origin, targets)
    if url.path not in ("", "/") or url.query_string or url.fragment:
        raise Invalid("origin_with_path", f"Give the origin alone, without a path, like {example}.")
