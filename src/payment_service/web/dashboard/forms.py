"""A form on a page: where it goes, what is filled in already, and what was wrong with it."""

from collections.abc import Mapping, Set
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request

from payment_service.kit.errors import Invalid, Refusal, TooLarge
from payment_service.kit.ids import new_token
from payment_service.web.dashboard.lately import Done

KEY, DRAWN, AGAIN = "form_key", "drawn", "again"
UNSHOWN = frozenset({"password", "api_key", "webhook_secret"})
"""Fields that no page shows once they were sent: a password is typed again."""
UNKEPT = UNSHOWN | {KEY, "code", "passkey", "seed"}
"""Fields that no draft holds."""
MOST_FIELDS = 200


class Filled(msgspec.Struct):
    """What somebody filled in, into the form that goes to `action`, and whether what was wrong with
    it stands on the page by now. `lately` is what was done since to what the form is about."""

    action: str = ""
    values: Mapping[str, str] = {}
    fault: Refusal | None = None
    lately: Done | None = None
    is_told: bool = False


class Beside(NamedTuple):
    """What was in a field that somebody else has changed since it was drawn; `is_own` where it was
    changed there too, and not only drawn."""

    text: str
    is_own: bool


class Form:
    """What the macros of `kit.html` draw. A fault is told once: at the field that asks for it,
    above the form, or, where the form is no more there, above the page.

    Where what it shows was changed by somebody else meanwhile, a field has the newest, unless only
    who filled this in has changed it: sending it again takes nothing back unseen.
    """

    def __init__(self, action: str, filled: Filled, now: datetime) -> None:
        self.action = action
        self.key = new_token()
        self.is_stale = False
        self._now = now
        self._filled = filled if filled.action == action else Filled()
        _, self._before = drawn_in(self._filled.values)
        self._drawn: dict[str, str] = {}
        self._beside: dict[str, Beside] = {}
        self._is_versioned = False
        self._lost = named_in(self._filled.values.get(AGAIN, ""))
        self._asked_again: list[str] = []
        self._may_focus = self.is_kept

    def seen(self, name: str, version: object) -> str:
        """The version of what the fields show; asked for before them."""
        sent = self._filled.values.get(name)
        self.is_stale = sent is not None and sent != str(version)
        self._is_versioned = True
        return str(version)

    def value(self, name: str, otherwise: object = "") -> str:
        kept = _as_sent(str(otherwise))
        self._drawn[name] = _mark(kept)
        typed = self._filled.values.get(name)
        return kept if typed is None else self._newest(name, _as_sent(typed), kept)

    def ticked(self, name: str, otherwise: bool = False) -> bool:
        """Whether a box is: one that is not comes with no form."""
        kept = "yes" if otherwise else ""
        self._drawn[name] = _mark(kept)
        if not self._filled.action:
            return otherwise
        return self._newest(name, self._filled.values.get(name, ""), kept) != ""

    def _newest(self, name: str, typed: str, kept: str) -> str:
        before = self._before.get(name)
        if not self.is_stale or typed == kept or before == _mark(kept):
            return typed
        self._beside[name] = Beside(typed, is_own=before != _mark(typed))
        return kept

    def beside(self, name: str) -> Beside | None:
        """Asked for after the field's value."""
        return self._beside.get(name)

    @property
    def drawn(self) -> str:
        """When this was drawn, and marks of what stood in its fields; asked for after them."""
        marks = self._drawn.items() if self._is_versioned else ()
        at = int(self._now.timestamp() * 1000)
        return " ".join((str(at), *(f"{name}={mark}" for name, mark in marks)))

    def fault(self, *codes: str) -> Refusal | None:
        """The fault, if it is one of these."""
        found = self._filled.fault
        if found is None or found.code not in codes:
            return None
        self._filled.is_told = True
        return found

    def fault_at(self, name: str, *codes: str) -> Refusal | None:
        """The fault, if it is one of these, or one that says that it is of this field."""
        found = self._filled.fault
        if found is not None and found.code in AT_FIELDS and found.members.get("field") == name:
            codes = (found.code,)
        return self.fault(*codes)

    def other_fault(self) -> Refusal | None:
        """The fault that no field has told; asked for when they are drawn."""
        if self._filled.is_told:
            return None
        self._filled.is_told = True
        return self._filled.fault

    @property
    def has_fault(self) -> bool:
        return self._filled.fault is not None

    @property
    def is_kept(self) -> bool:
        """Whether it is a draft, shown again."""
        return bool(self._filled.action) and not self.has_fault

    @property
    def is_filled(self) -> bool:
        """Whether it is to be seen, also where forms are folded."""
        return bool(self._filled.action)

    def takes_focus(self) -> bool:
        """Once, by its first field: a draft is where one goes on, however far down it stands."""
        takes, self._may_focus = self._may_focus, False
        return takes

    @property
    def lately(self) -> Done | None:
        return self._filled.lately

    def is_lost(self, name: str) -> bool:
        """Whether it was filled in before, and has to be once more."""
        is_lost = name in self._lost
        if is_lost:
            self._asked_again.append(name)
        return is_lost

    @property
    def again(self) -> str:
        """The fields that were said to be lost."""
        return " ".join(self._asked_again)


AT_FIELDS = frozenset({"fill_in_again", "field_too_long"})
LONG = 2_000
"""Bytes from which on it is this field that made a form too large: a cut one has more."""


def lost_of(
    texts: Mapping[str, str], files: Mapping[str, UploadFile], unkept: Set[str]
) -> dict[str, str]:
    """Tells a form which fields were filled in and are empty now: those of `unkept`, files, and
    those that it was told before."""
    typed = {name for name in unkept if texts.get(name)}
    chosen = {name for name, file in files.items() if file.filename}
    lost = named_in(texts.get(AGAIN, "")) | typed | chosen
    return {AGAIN: " ".join(sorted(lost))} if lost else {}


def check_again(texts: Mapping[str, str], files: Mapping[str, UploadFile]) -> None:
    """Raises Invalid where a field is empty that was filled in before and not kept: empty, it would
    say that nothing changes."""
    for name in sorted(named_in(texts.get(AGAIN, ""))):
        file = files.get(name)
        if not texts.get(name) and (file is None or not file.filename):
            raise Invalid(
                "fill_in_again",
                "What was filled in there was not kept; fill it in again.",
                field=name,
            )


def named_in(text: str) -> set[str]:
    return set(text.split()[:MOST_FIELDS])


def drawn_in(values: Mapping[str, str]) -> tuple[datetime | None, dict[str, str]]:
    """When the form was drawn that this came with, and the marks of its fields."""
    at, *marks = values.get(DRAWN, "").split()[: MOST_FIELDS + 1] or [""]
    is_known = at.isascii() and at.isdecimal() and len(at) < 15
    when = datetime.fromtimestamp(int(at) / 1000, UTC) if is_known else None
    return when, dict(mark.split("=", 1) for mark in marks if "=" in mark)


def is_overlong(request: Request) -> bool:
    """Whether more was sent than is read of one request: then of each field only the beginning is
    there, and nothing of what came with a file."""
    return bool(request.scope.get("overlong"))


def check_size(request: Request, texts: Mapping[str, str]) -> None:
    """Raises TooLarge, which says of which field, where it is one of them."""
    if not is_overlong(request):
        return
    if not _is_urlencoded(request):
        raise TooLarge("file_too_large", "The file is far too large; save it smaller.")
    lengths = {name: len(text.encode("utf-8", "surrogatepass")) for name, text in texts.items()}
    longest = max(lengths, key=lengths.__getitem__, default="")
    if lengths.get(longest, 0) >= LONG:
        raise TooLarge("field_too_long", "This is far too long; shorten it.", field=longest)
    raise TooLarge("form_too_long", "This form holds far too much; shorten it.")


async def read_form(request: Request) -> tuple[dict[str, str], dict[str, UploadFile]]:
    """Texts and files by name, the last of each; urlencoded or multipart. Raises Invalid."""
    if is_overlong(request) and not _is_urlencoded(request):
        return {}, {}
    is_cut = is_overlong(request)
    form = await request.form(max_files=2, max_fields=MOST_FIELDS)
    texts: dict[str, str] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = value
        elif "\0" in value or "\0" in name:
            raise Invalid("form_text", "A field holds a character that no text has; leave it out.")
        else:
            texts[name] = value.rstrip("\N{REPLACEMENT CHARACTER}") if is_cut else value
    return texts, files


def _is_urlencoded(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _as_sent(text: str) -> str:
    """Browsers send lines with another end."""
    return text.replace("\r\n", "\n")


def _mark(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
