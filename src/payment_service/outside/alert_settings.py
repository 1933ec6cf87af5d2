"""The settings of the alert channels, and the channels built from them."""

import base64
import re
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel, SecretStr, field_validator

from payment_service.kit.errors import Invalid, UnusableSetting
from payment_service.outside.addresses import Targets, check_url
from payment_service.outside.alert_channel import AlertChannel, MailTo
from payment_service.outside.alert_webhook import AlertWebhook
from payment_service.outside.smtp_url import parse_smtp_url
from payment_service.outside.webhook_client import WebhookClient

PREFIX = "PAYMENT_SERVICE_"
SECRET_BYTES = 16
# Without quotes, comments and names: what is meant is one address, and it goes into a header.
ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"


class AlertSettings(BaseModel):
    """A chat service's webhook URL holds a token, so it is a secret as well."""

    alert_webhook_url: SecretStr | None = None
    alert_webhook_secret: SecretStr | None = None
    alert_webhook_secret_file: Path | None = None
    smtp_url: SecretStr | None = None
    smtp_url_file: Path | None = None
    alert_mail_from: str | None = None
    alert_mail_to: str = ""

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            parse_smtp_url(url.get_secret_value())
        return url

    @field_validator("alert_webhook_secret")
    @classmethod
    def _signs(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            check_secret(secret.get_secret_value())
        return secret

    @field_validator("alert_mail_from", "alert_mail_to")
    @classmethod
    def _mailboxes(cls, listed: str | None) -> str | None:
        for address in mailboxes(listed or ""):
            if not re.fullmatch(ADDRESS, address):
                raise ValueError("write addresses only, like billing@example.com")
        return listed


def alert_channels(
    settings: AlertSettings, targets: Targets, webhooks: WebhookClient
) -> tuple[AlertChannel, ...]:
    """Those that are set, with where they go. Raises CannotStart with one line that names the
    setting."""
    channels: list[AlertChannel] = []
    secret = _given(settings.alert_webhook_secret, settings.alert_webhook_secret_file,
                    "ALERT_WEBHOOK_SECRET_FILE")  # fmt: skip
    if settings.alert_webhook_url is not None:
        url = settings.alert_webhook_url.get_secret_value()
        try:
            check_url(url, targets)
        except Invalid as error:
            raise unusable("ALERT_WEBHOOK_URL", error.detail) from None
        try:
            check_secret(secret)
        except ValueError as error:
            raise unusable("ALERT_WEBHOOK_SECRET_FILE", str(error)) from None
        channels.append(AlertWebhook(webhooks, url, secret))
    elif secret is not None:
        raise unusable("ALERT_WEBHOOK_SECRET", f"set {PREFIX}ALERT_WEBHOOK_URL too")

    mail, to = mail_to(settings, targets), mailboxes(settings.alert_mail_to)
    if mail is not None and to:
        channels.append(mail("mail", to))
    return tuple(channels)


def mail_to(settings: AlertSettings, targets: Targets) -> MailTo | None:
    """How mail is sent, where a server is set; it may serve the dashboard's addresses alone.
    Raises CannotStart."""
    smtp = _given(settings.smtp_url, settings.smtp_url_file, "SMTP_URL_FILE")
    sender, to = settings.alert_mail_from or "", settings.alert_mail_to
    if smtp is None:
        if sender or to:
            name = "ALERT_MAIL_TO" if to else "ALERT_MAIL_FROM"
            raise unusable(name, f"set {PREFIX}SMTP_URL too")
        return None
    try:
        server = parse_smtp_url(smtp)
    except ValueError as error:
        raise unusable("SMTP_URL_FILE", str(error)) from None
    if len(mailboxes(sender)) != 1:
        raise unusable("ALERT_MAIL_FROM", "mail needs one address to come from")
    # The library is loaded only where mail is sent.
    mail = import_module("payment_service.outside.mail").AlertMail

    def to_these(name: str, addresses: tuple[str, ...]) -> AlertChannel:
        channel: AlertChannel = mail(server, sender, addresses, targets, name=name)
        return channel

    return to_these


def mailboxes(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in listed.split(","))))


def check_secret(secret: str | None) -> None:
    """Raises ValueError with a sentence."""
    if secret is None:
        return
    coded = secret.removeprefix("whsec_")
    try:
        length = len(base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True))
    except ValueError:
        length = 0
    if length < SECRET_BYTES:
        raise ValueError(f"write whsec_ and {SECRET_BYTES} random bytes or more in base64")


def unusable(name: str, why: str) -> UnusableSetting:
    return UnusableSetting(f"the setting {PREFIX}{name} is not usable: {why}")


def _given(value: SecretStr | None, path: Path | None, name: str) -> str | None:
    """The secret itself; the setting wins over its file."""
    if value is not None:
        return value.get_secret_value()
    if path is None:
        return None
    try:
        return path.read_text().strip()
    except OSError as error:
        raise unusable(name, f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise unusable(name, f"{path} is not text") from None
