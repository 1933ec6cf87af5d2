"""What a page of the dashboard is given: who asks, what was filled in, and ways to answer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from payment_service.kit.calendar import Zone
from payment_service.kit.money import Language
from payment_service.kit.statements import Transaction
from payment_service.model.admin import Admin
from payment_service.model.audit import By
from payment_service.model.session import Session, Visitor
from payment_service.model.spent import spend
from payment_service.runtime import Runtime
from payment_service.web.dashboard import cookies
from payment_service.web.dashboard.cookies import Said
from payment_service.web.dashboard.forms import KEY, Filled, Form
from payment_service.web.dashboard.shell import Shell
from payment_service.web.pages.render import page, page_headers

P = ParamSpec("P")
T = TypeVar("T")
ZONE: Zone = "Asia/Jakarta"
"""In which the dashboard tells the hour; days of an app are in the app's own."""


class SentTwice(Exception):
    """A form that has been sent before; what it asked for is done."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a browser. `who` and `session` are None where nobody is signed in."""

    runtime: Runtime
    request: Request
    visitor: Visitor
    language: Language
    now: datetime
    who: Admin | None = None
    session: Session | None = None
    texts: Mapping[str, str] = {}
    files: Mapping[str, UploadFile] = {}
    filled: Filled = msgspec.field(default_factory=Filled)
    shell: Shell | None = None

    @property
    def admin(self) -> Admin:
        """Who is signed in, on a route that asks for a role."""
        if self.who is None:
            raise LookupError("this route lets in who is not signed in")
        return self.who

    @property
    def signed_in(self) -> Session:
        if self.session is None:
            raise LookupError("this route lets in who is not signed in")
        return self.session

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def params(self) -> Mapping[str, str]:
        """What stands in the path: `/admins/{id}`."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    def text(self, name: str) -> str:
        """What was filled in there; empty where nothing was."""
        return self.texts.get(name, "")

    def by(self, reason: str) -> By:
        """Whom the audit log names, and where they sat."""
        return By(self.admin.id, reason, self.now, self.visitor.address, self.visitor.request_id)

    def form(self, action: str) -> Form:
        """A form that goes there; filled with what was sent to it and refused, or kept."""
        return Form(action, self.filled, self.now)

    async def read(
        self, query: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self.runtime.db.read(query, *args, **kwargs)

    async def write(
        self, unit: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One durable transaction, once for each form that was drawn: raises SentTwice."""

        def once(tx: Transaction) -> T:
            spend_key(tx, self.text(KEY), self.now)
            return unit(tx, *args, **kwargs)

        return await self.runtime.db.write(once)

    async def claim(self) -> None:
        """For a deed of several transactions: the form counts once. Raises SentTwice."""
        await self.runtime.db.write(spend_key, self.text(KEY), self.now)

    def page(self, template: str, status: int = 200, /, **context: object) -> Response:
        """The page in the language of who asks."""
        said = cookies.said_in(self.request)
        body = page(
            f"dashboard/{template}", self.language, ask=self, shell=self.shell, said=said,  # nosec B604  # a page's
            zone=ZONE, now=self.now, **context,
        )  # fmt: skip
        response = Response(body, status, headers=page_headers(self.language))
        if cookies.SAID in self.request.cookies:
            cookies.take_away(response, cookies.SAID)
        return response

    def go(self, path: str, said: str | None = None, /, **about: object) -> Response:
        """On to another page, which says what was done."""
        response = RedirectResponse(path, 303)
        if said is not None:
            words = {name: str(value) for name, value in about.items()}
            cookies.put_said(response, Said(said, words))
        return response

    def here(self, **query: str | None) -> str:
        """This page's address with some of its query changed; None takes one out."""
        merged = {**self.query, **query}
        kept = {name: value for name, value in merged.items() if value}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def spend_key(tx: Transaction, key: str, now: datetime) -> None:
    """Raises SentTwice; a form without a key was not drawn here and counts as sent."""
    if not key or not spend(tx, f"form {key}", now):
        raise SentTwice
