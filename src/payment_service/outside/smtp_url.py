"""Where mail is handed in: `smtp://user:password@host:587` or `smtps://…`, read and checked."""

import re
from urllib.parse import unquote, urlsplit

import msgspec

PORTS = {"smtp": 587, "smtps": 465}


class SmtpServer(msgspec.Struct, frozen=True):
    """`is_tls` is TLS from the first byte; without it STARTTLS makes the connection safe."""

    host: str
    port: int
    is_tls: bool
    user: str | None
    password: str | None

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"


def parse_smtp_url(url: str) -> SmtpServer:
    """Raises ValueError with a sentence that does not repeat what was given."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in PORTS or not host or parts.path.strip("/") or parts.query or port == 0:
        raise ValueError(
            "write smtp://user:password@host:587 or smtps://user:password@host:465, "
            "with @ : / ? # % in user and password as %40 %3A %2F %3F %23 %25"
        )
    if not re.fullmatch(r"[0-9A-Za-z._:-]+", host):
        raise ValueError("the host is no name and no address")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if (user is None) != (password is None):
        raise ValueError("give user and password, or neither")
    return SmtpServer(host, port or PORTS[parts.scheme], parts.scheme == "smtps", user, password)
