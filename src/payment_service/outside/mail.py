"""Alerts by mail: one plain text handed to an SMTP server whose address was checked."""

import asyncio
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime

import aiohttp
import aiosmtplib
import structlog
from aiohttp.abc import AbstractResolver
from aiosmtplib import SMTPException

from payment_service.outside.addresses import (
    AddressNotAllowed,
    ListedNames,
    Targets,
    denied,
    literal,
    plain,
)
from payment_service.outside.alert_channel import AlertMessage
from payment_service.outside.smtp_url import SmtpServer

log = structlog.get_logger()

TOTAL_SECONDS = 30.0
CONNECT_SECONDS = 10.0
QUIT_SECONDS = 2.0


class AlertMail:
    """Sends to all of `to` in one mail. `tls` is what certificates are checked with."""

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        to: tuple[str, ...],
        targets: Targets,
        *,
        name: str = "mail",
        total_seconds: float = TOTAL_SECONDS,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self.place = ", ".join(to)
        self._server = server
        self._sender = sender
        self._to = to
        self._targets = targets
        self._total_seconds = total_seconds
        self._resolver = resolver
        self._tls = tls

    async def send(self, message: AlertMessage) -> str | None:
        try:
            async with asyncio.timeout(self._total_seconds):
                await self._hand_in(self._mail(message))
        except (SMTPException, OSError) as error:
            return reason(error)
        return None

    def _mail(self, message: AlertMessage) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = f"Payment Service <{self._sender}>"
        mail["To"] = ", ".join(self._to)
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.id}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail

    @property
    def _domain(self) -> str:
        return self._sender.rpartition("@")[2]

    async def _hand_in(self, mail: EmailMessage) -> None:
        server = self._server
        is_listed = (plain(server.host), server.port) in self._targets
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            sock=await self._connected(),
            username=server.user,
            password=server.password,
            # What greets the server; looked up it would be this machine's name, by a slow way.
            local_hostname=self._domain,
            timeout=self._total_seconds,
            use_tls=server.is_tls,
            # None takes STARTTLS when it is offered. A listed target may do without, and whoever
            # can pose as it can hide the offer, so its certificate is not looked at then.
            start_tls=False if server.is_tls else None if is_listed else True,
            validate_certs=server.is_tls or not is_listed,
            tls_context=self._tls,
        )
        try:
            await smtp.connect()
            refused, _ = await smtp.send_message(mail, sender=self._sender, recipients=self._to)
            if refused:
                log.warning("mail_recipients_refused", refused=len(refused), of=len(self._to))
            # The mail is accepted: a goodbye that fails must not send it again.
            with suppress(SMTPException, OSError):
                await smtp.quit(timeout=QUIT_SECONDS)
        finally:
            smtp.close()

    async def _connected(self) -> socket.socket:
        """A socket to the first allowed address that answers.

        Raises AddressNotAllowed when there is none that is allowed, else OSError.
        """
        loop = asyncio.get_running_loop()
        failure: OSError = AddressNotAllowed()
        for address in await self._addresses():
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            opened = socket.socket(family, socket.SOCK_STREAM)
            opened.setblocking(False)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await loop.sock_connect(opened, (address, self._server.port))
            except OSError as error:
                opened.close()
                failure = error
            except BaseException:
                opened.close()
                raise
            else:
                return opened
        raise failure

    async def _addresses(self) -> list[str]:
        """Where the host leads, without what may not be connected to."""
        host, port = plain(self._server.host), self._server.port
        names = ListedNames(self._targets, self._resolver or aiohttp.AsyncResolver())
        try:
            if literal(host) is not None:
                found = [host]
            else:
                resolved = await names.resolve(host, port, socket.AF_UNSPEC)
                found = [plain(one["host"]) for one in resolved]
        except OSError as error:
            raise NoAddress from error
        finally:
            await names.close()
        allowed = self._targets | names.addresses
        return [
            address
            for address in found
            if (address, port) in allowed
            or (literal(address) is not None and not denied(literal(address)))
        ]


class NoAddress(OSError):
    """The name leads nowhere."""


def reason(failure: Exception) -> str:
    """In a word or two; what the server said may repeat what it was sent."""
    cause = failure.__cause__ or failure
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(failure, aiosmtplib.SMTPAuthenticationError):
        return f"login refused, status {failure.code}"
    if isinstance(failure, aiosmtplib.SMTPResponseException):
        return f"status {failure.code}"
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        return "recipients refused"
    # The library says by its base class that no login is offered.
    if isinstance(failure, aiosmtplib.SMTPNotSupported) or type(failure) is SMTPException:
        return "no STARTTLS or no login offered"
    if isinstance(failure, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return "tls"
    if isinstance(failure, AddressNotAllowed):
        return "address_not_allowed"
    if isinstance(failure, NoAddress):
        return "dns"
    if isinstance(failure, ConnectionRefusedError):
        return "refused"
    return "disconnected"
