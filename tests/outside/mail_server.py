"""A mail server for tests: takes what is handed in, with a login, and STARTTLS where it has one."""

import asyncio
import base64
import ssl
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple, Self


class Mail(NamedTuple):
    """A mail as it was handed in."""

    sender: str
    recipients: list[str]
    message: EmailMessage


class MailServer:
    """Answers `data_reply` once a mail is whole; `silent` accepts connections and says nothing."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, password: str | None = None) -> None:
        self.mails: list[Mail] = []
        self.connections = 0
        self.data_reply = b"250 taken"
        self.silent = False
        self.was_encrypted = False
        self.port = 0
        self._tls = tls
        self._password = password

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self.silent:
                await reader.read()
            else:
                await self._talk(reader, writer)
        except (ConnectionError, EOFError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: bytes) -> None:
            writer.write(line + b"\r\n")

        sender, recipients = "", []
        say(b"220 here")
        while line := (await reader.readline()).strip():
            verb = line.split()[0].upper()
            if verb == b"EHLO":
                offers = [b"STARTTLS"] if self._tls and not self.was_encrypted else []
                offers += [b"AUTH PLAIN"] if self._password else []
                say(b"250-here")
                for offer in offers:
                    say(b"250-" + offer)
                say(b"250 8BITMIME")
            elif verb == b"STARTTLS" and self._tls:
                say(b"220 go on")
                await writer.start_tls(self._tls)
                self.was_encrypted = True
            elif verb == b"AUTH":
                given = base64.b64decode(line.split()[2]).split(b"\0")[2].decode()
                say(b"235 welcome" if given == self._password else b"535 no: " + given.encode())
            elif verb == b"MAIL":
                sender = line.decode().partition("<")[2].partition(">")[0]
                say(b"250 ok")
            elif verb == b"RCPT":
                recipients.append(line.decode().partition("<")[2].partition(">")[0])
                say(b"250 ok")
            elif verb == b"DATA":
                say(b"354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                if self.data_reply.startswith(b"250"):
                    message = message_from_bytes(raw[:-3], _class=EmailMessage, policy=default)
                    self.mails.append(Mail(sender, recipients, message))
                say(self.data_reply)
            else:
                say(b"221 bye")
                return
