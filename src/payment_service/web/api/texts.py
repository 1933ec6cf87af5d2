"""Texts, days and ids that the API accepts, in bodies, paths and queries alike."""

import re
from datetime import date
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from payment_service.kit.errors import NotFound
from payment_service.kit.ids import ALPHABET
from payment_service.model.subscription import Status

# Control characters, ends of lines, and what turns the direction of the text around it: a name
# that holds these looks like another one on a page or in a log.
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
_SPACE = r" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
SAID = f"^[^{_SPACE}{_UNSEEN}]([^{_UNSEEN}]*[^{_SPACE}{_UNSEEN}])?$"
"""Text on one line, without spaces around it."""
CODE = "^[a-z0-9][a-z0-9_-]{0,49}$"

INVOICE_PREFIX = "^[A-Z0-9]{1,10}$"
TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
COLOR = "^#[0-9a-f]{6}$"
SUBSCRIPTION_STATUSES: tuple[str, ...] = get_args(Status)
_A_STATUS = f"({'|'.join(SUBSCRIPTION_STATUSES)})"
SOME_STATUSES = f"^{_A_STATUS}(,{_A_STATUS})*$"
"""Some of a subscription's, with commas between them."""

Text50 = Annotated[str, Field(min_length=1, max_length=50, pattern=SAID)]
Text200 = Annotated[str, Field(min_length=1, max_length=200, pattern=SAID)]
Text500 = Annotated[str, Field(min_length=1, max_length=500, pattern=SAID)]
Reference = Text200
"""The app's own id of its tenant."""
PlanCode = Annotated[str, Field(min_length=1, max_length=50, pattern=CODE, examples=["bulanan"])]
"""Of a plan that is there."""
Url = Annotated[str, Field(min_length=1, max_length=2000, pattern=SAID)]
MapOfAnything = dict[str, Any]


def _day(written: object) -> object:
    if isinstance(written, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise ValueError("there is no such day") from None
    raise ValueError("write the date like 2026-11-22")


def _near(day: object) -> object:
    if isinstance(day, date) and not 2000 <= day.year <= 2199:
        raise ValueError("the year is 2000 to 2199")
    return day


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A local date; no instant, and no number of seconds."""
DayOfList = Annotated[
    date,
    BeforeValidator(_near),
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""One end of a list's span of days."""


class IdOf(NamedTuple):
    """An id in a path. One that cannot be is answered like one that is not there."""

    prefix: str
    noun: str

    @property
    def shape(self) -> str:
        return f"{self.prefix}_[{ALPHABET}]{{26}}"

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(str))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), "pattern": f"^{self.shape}$"}

    def _checked(self, written: str) -> str:
        if re.fullmatch(self.shape, written) is None:
            raise NotFound(f"{self.noun}_not_found", f"There is no {self.noun} with this id.")
        return written


PlanId = Annotated[str, IdOf("plan", "plan")]
CustomerId = Annotated[str, IdOf("cus", "customer")]
SubscriptionId = Annotated[str, IdOf("sub", "subscription")]
InvoiceId = Annotated[str, IdOf("inv", "invoice")]
ChargeId = Annotated[str, IdOf("chg", "charge")]
PaymentId = Annotated[str, IdOf("pay", "payment")]
EventId = Annotated[str, IdOf("evt", "event")]
EndpointId = Annotated[str, IdOf("ep", "endpoint")]
DeliveryId = Annotated[str, IdOf("dlv", "delivery")]


SUBSCRIPTION_ID = f"^{IdOf('sub', '').shape}$"
INVOICE_ID = f"^{IdOf('inv', '').shape}$"
EVENT_ID = f"^{IdOf('evt', '').shape}$"


def unsent() -> Any:
    """The field of a PATCH that may be left out, and then changes nothing. Null is another thing:
    it clears what may be null."""
    return Field(default_factory=lambda: None)
