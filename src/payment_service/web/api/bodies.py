"""What the API accepts: every field typed, bounded, and known."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from payment_service.model.payer import Habit

Text200 = Annotated[str, Field(min_length=1, max_length=200)]
Reference = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
MapOfAnything = dict[str, Any]
LatePayment = Annotated[
    Literal["grace_then_payment_day", "period_end", "payment_day"],
    Field(description="From which day a late payment counts."),
]
PricesAhead = Annotated[
    dict[str, int],
    Field(
        max_length=3,
        examples=[{"12": 990000}],
        description="Rupiah for 3, 6 or 12 periods.",
    ),
]
Reason = Annotated[
    str,
    Field(min_length=1, max_length=500, description="Why; kept in the audit log."),
]


class Body(BaseModel):
    """Strict: no unknown fields, no number in a string, no whole number written as 10.0."""

    model_config = ConfigDict(strict=True, extra="forbid")


class PlanBody(Body):
    code: Annotated[str, Field(examples=["bulanan"])]
    name: Annotated[Text200, Field(examples=["Bulanan"])]
    price: Annotated[int, Field(ge=0, le=10**12, examples=[99000], description="Whole rupiah.")]
    currency: Literal["IDR"] = "IDR"
    months: Annotated[int, Field(examples=[1])]
    trial_days: int = 0
    grace_days: int | None = None
    late_payment: LatePayment = "grace_then_payment_day"
    prices_ahead: PricesAhead = {}
    features: MapOfAnything = {}
    metadata: MapOfAnything = {}


class PlanEditBody(Body):
    """Only what is sent is changed."""

    name: Text200 | None = None
    price: Annotated[int, Field(ge=0, le=10**12, description="Whole rupiah.")] | None = None
    grace_days: int | None = None
    late_payment: LatePayment | None = None
    prices_ahead: PricesAhead | None = None
    features: MapOfAnything | None = None
    metadata: MapOfAnything | None = None
    archived: bool | None = None
    move_subscribers: Annotated[
        bool, Field(description="Whether the price reaches those who subscribed before.")
    ] = False
    reason: Annotated[
        str | None, Field(max_length=500, description="Needed to move subscribers.")
    ] = None


class CustomerBody(Body):
    reference: Annotated[
        Reference, Field(examples=["tenant-42"], description="Your own id of the tenant.")
    ]
    name: Annotated[Text200 | None, Field(examples=["Bengkel Jaya"])] = None
    email: Annotated[str, Field(max_length=200)] | None = None
    phone: Annotated[str, Field(max_length=50)] | None = None
    metadata: MapOfAnything | None = None


class SubscriptionBody(Body):
    customer: CustomerBody
    plan: Annotated[str, Field(examples=["bulanan"], description="The plan's code.")]
    return_url: Annotated[str, Field(max_length=2000)] | None = None
    metadata: MapOfAnything = {}


class LineBody(Body):
    description: Annotated[Text200, Field(examples=["Pemasangan alat"])]
    amount: Annotated[
        int, Field(ge=-(10**12), le=10**12, description="Whole rupiah; a discount is negative.")
    ]


class InvoiceBody(Body):
    customer: CustomerBody
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=50)]
    currency: Literal["IDR"] = "IDR"
    due_on: Annotated[
        date | None,
        Field(strict=False, description="A local date, today to 366 days on; else in 7 days."),
    ] = None
    metadata: MapOfAnything = {}


Periods = Annotated[
    Literal[1, 3, 6, 12], Field(description="How many periods to pay at once, this one included.")
]


class QrisBody(Body):
    """No body at all asks for one period."""

    periods: Periods = 1


class RehearsalPayBody(Body):
    """No body pays the code that is open, for as many periods as it is."""

    periods: Periods | None = None


class PayAheadBody(Body):
    periods: Periods = 1


class MarkPaidBody(Body):
    reference: Annotated[
        Text200, Field(examples=["BCA 2611-0042"], description="The bank's or cash book's own.")
    ]
    note: Annotated[str, Field(min_length=1, max_length=500, examples=["Transfer, seen by Rini"])]
    paid_on: Annotated[
        date | None,
        Field(strict=False, description="A local date since the invoice's issue; else today."),
    ] = None


class ChangePlanBody(Body):
    plan: Annotated[str, Field(examples=["tahunan"], description="The new plan's code.")]
    at: Annotated[
        Literal["renewal", "now"], Field(description="`now` only to a plan with a higher price.")
    ] = "renewal"


class CancelBody(Body):
    at: Annotated[
        Literal["period_end", "now"],
        Field(description="At the end of the paid period or the trial, else at once."),
    ] = "period_end"


class ReasonBody(Body):
    reason: Annotated[Reason, Field(examples=["Abuse, ticket 118"])]


class ExtendBody(Body):
    days: Annotated[int, Field(examples=[7], description="1 to 366, from the last paid day.")]
    reason: Annotated[Reason, Field(examples=["Outage of 20 November"])]


class MoveBody(Body):
    paid_through: Annotated[
        date, Field(strict=False, description="The last paid day, today or later.")
    ]
    reason: Annotated[Reason, Field(examples=["All of them on the 1st"])]


class RefundBody(Body):
    amount: Annotated[int, Field(ge=1, le=10**12, examples=[99000], description="Whole rupiah.")]
    currency: Literal["IDR"] = "IDR"
    reference: Annotated[
        Text200, Field(examples=["BCA 2611-0043"], description="The transfer's own.")
    ]
    note: Annotated[str, Field(min_length=1, max_length=500, examples=["Back to the owner"])]


class AdvanceBody(Body):
    advance_to: Annotated[
        date, Field(strict=False, examples=["2027-11-22"], description="A local date.")
    ]


class PayerBody(Body):
    habit: Annotated[Habit | None, Field(examples=["pays_late"])]
