"""A form on a page: where it goes, what is filled in already, and what was wrong with it."""

from collections.abc import Mapping

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request

from payment_service.kit.errors import Invalid, Refusal
from payment_service.kit.ids import new_token

KEY = "form_key"
UNKEPT = frozenset({KEY, "password", "code", "passkey", "seed", "api_key", "webhook_secret"})
"""Fields that no draft holds: a password is typed again."""
MOST_FIELDS = 200


class Filled(msgspec.Struct):
    """What somebody filled in, into the form that goes to `action`, and whether what was wrong with
    it stands on the page by now."""

    action: str = ""
    values: Mapping[str, str] = {}
    fault: Refusal | None = None
    is_told: bool = False


class Form:
    """What the macros of `kit.html` draw. A fault is told once: at the field that asks for it,
    above the form, or, where the form is no more there, above the page."""

    def __init__(self, action: str, filled: Filled) -> None:
        self.action = action
        self.key = new_token()
        self._filled = filled if filled.action == action else Filled()

    def value(self, name: str, otherwise: str = "") -> str:
        return self._filled.values.get(name, otherwise)

    def fault(self, *codes: str) -> Refusal | None:
        """The fault, if it is one of these."""
        found = self._filled.fault
        if found is None or found.code not in codes:
            return None
        self._filled.is_told = True
        return found

    def other_fault(self) -> Refusal | None:
        """The fault that no field has told; asked for when they are drawn."""
        if self._filled.is_told:
            return None
        self._filled.is_told = True
        return self._filled.fault

    @property
    def has_fault(self) -> bool:
        return self._filled.fault is not None


async def read_form(request: Request) -> tuple[dict[str, str], dict[str, UploadFile]]:
    """Texts and files by name, the last of each; urlencoded or multipart. Raises Invalid."""
    form = await request.form(max_files=2, max_fields=MOST_FIELDS)
    texts: dict[str, str] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = value
        elif "\0" in value or "\0" in name:
            raise Invalid("form_text", "A field holds a character that no text has; leave it out.")
        else:
            texts[name] = value
    return texts, files
