"""What the API accepts: every field typed, bounded, and known."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from payment_service.kit.calendar import Zone
from payment_service.model.payer import Habit
from payment_service.web.api.texts import (
    COLOR,
    INVOICE_PREFIX,
    TIME,
    Day,
    MapOfAnything,
    PlanCode,
    Reference,
    Text50,
    Text200,
    Text500,
    Url,
    unsent,
)

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
Reason = Annotated[Text500, Field(description="Why; kept in the audit log.")]
GraceDays = Annotated[int, Field(description="Of access after an unpaid period; null: the app's.")]
Price = Annotated[int, Field(ge=0, le=10**12, examples=[99000], description="Whole rupiah.")]


class Body(BaseModel):
    """Strict: no unknown fields, no number in a string, no whole number written as 10.0."""

    model_config = ConfigDict(strict=True, extra="forbid")


class SellerBody(Body):
    """As printed on invoices."""

    name: Annotated[Text200, Field(examples=["PT Buku Bengkel"])]
    address: Annotated[Text500 | Literal[""], Field(examples=["Jl. Panjang 8, Jakarta"])] = ""
    npwp: Annotated[Text50 | Literal[""], Field(examples=["01.234.567.8-901.000"])] = ""
    footer: Text500 | Literal[""] = ""


class AppEditBody(Body):
    """Only what is sent is changed; `seller`, `return_origins`, `metadata` are replaced whole."""

    name: Annotated[Text200, Field(examples=["BukuBengkel"])] = unsent()
    zone: Annotated[Zone, Field(description="Only while nobody has subscribed.")] = unsent()
    invoice_prefix: Annotated[
        str,
        Field(pattern=INVOICE_PREFIX, description="Only while no invoice has been issued."),
    ] = unsent()
    grace_days: Annotated[
        int, Field(ge=0, le=90, examples=[7], description="Of access after an unpaid period.")
    ] = unsent()
    renewal_lead_days: Annotated[
        int, Field(ge=0, le=60, description="From a renewal's issue to the last paid day.")
    ] = unsent()
    pending_timeout_hours: Annotated[
        int, Field(ge=1, le=720, description="After which an unpaid first invoice is void.")
    ] = unsent()
    cancel_after_days: Annotated[
        Annotated[int, Field(ge=0, le=365)] | None,
        Field(description="Of suspension for non-payment; null or 0 is never."),
    ] = unsent()
    reminder_days: Annotated[
        list[Annotated[int, Field(ge=-60, le=60)]],
        Field(max_length=10, examples=[[-7, -3, 0]], description="From the due date."),
    ] = unsent()
    reminder_time: Annotated[str, Field(pattern=TIME, examples=["09:00"])] = unsent()
    seller: SellerBody = unsent()
    return_origins: Annotated[
        list[Url],
        Field(
            max_length=20,
            examples=[["https://bukubengkel.example.com"]],
            description="Where pay pages may link back to: scheme and host.",
        ),
    ] = unsent()
    color: Annotated[str, Field(pattern=COLOR, examples=["#27439b"])] = unsent()
    metadata: MapOfAnything = unsent()
    reason: Reason = "set through the API"


class PlanBody(Body):
    """What is sold: at which price for how many months, and on which terms."""

    code: Annotated[str, Field(examples=["bulanan"])]
    name: Annotated[Text200, Field(examples=["Bulanan"])]
    price: Price
    currency: Literal["IDR"] = "IDR"
    months: Annotated[int, Field(examples=[1])]
    trial_days: int = 0
    grace_days: GraceDays | None = None
    late_payment: LatePayment = "grace_then_payment_day"
    prices_ahead: PricesAhead = {}
    features: MapOfAnything = {}
    metadata: MapOfAnything = {}


class PlanEditBody(Body):
    """Only what is sent is changed. `metadata` and `features` are replaced whole."""

    name: Text200 = unsent()
    price: Price = unsent()
    grace_days: GraceDays | None = unsent()
    late_payment: LatePayment = unsent()
    prices_ahead: PricesAhead = unsent()
    features: MapOfAnything = unsent()
    metadata: MapOfAnything = unsent()
    archived: bool = unsent()
    move_subscribers: Annotated[
        bool, Field(description="Whether the price reaches those who subscribed before.")
    ] = False
    reason: Annotated[Text500, Field(description="Needed to move subscribers.")] = unsent()


class CustomerBody(Body):
    """Whom the app bills, under its own reference."""

    reference: Annotated[
        Reference, Field(examples=["tenant-42"], description="Your own id of the tenant.")
    ]
    name: Annotated[Text200 | None, Field(examples=["Bengkel Jaya"])] = None
    email: Annotated[Text200 | None, Field(examples=["rini@bengkel.example.com"])] = None
    phone: Annotated[Text50 | None, Field(examples=["0812-3456-7890"])] = None
    metadata: MapOfAnything | None = None


class CustomerEditBody(Body):
    """Only what is sent is changed; null is no longer known. `metadata` is replaced whole."""

    name: Annotated[Text200 | None, Field(examples=["Bengkel Jaya Abadi"])] = unsent()
    email: Text200 | None = unsent()
    phone: Text50 | None = unsent()
    metadata: MapOfAnything = unsent()


class SubscriptionBody(Body):
    """Who subscribes to what. Of a customer who is known the reference is enough."""

    customer: CustomerBody
    plan: Annotated[PlanCode, Field(description="The plan's code.")]
    return_url: Annotated[
        Url | None, Field(description="Where the pay page leads back to; under a return origin.")
    ] = None
    metadata: MapOfAnything = {}


class SubscriptionEditBody(Body):
    """Only what is sent is changed; a `return_url` of null is no link. `metadata` is replaced
    whole."""

    return_url: Url | None = unsent()
    metadata: Annotated[MapOfAnything, Field(examples=[{"outlet": "Kebun Jeruk"}])] = unsent()


class LineBody(Body):
    """One line of an invoice; a discount is negative."""

    description: Annotated[Text200, Field(examples=["Pemasangan alat"])]
    amount: Annotated[
        int, Field(ge=-(10**12), le=10**12, description="Whole rupiah; a discount is negative.")
    ]


class InvoiceBody(Body):
    """An invoice for something else than a period."""

    customer: CustomerBody
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=50)]
    currency: Literal["IDR"] = "IDR"
    due_on: Annotated[
        Day | None, Field(description="A local date, today to 366 days on; else in 7 days.")
    ] = None
    metadata: MapOfAnything = {}


class InvoiceEditBody(Body):
    """Only what is sent is changed. `metadata` is replaced whole."""

    metadata: Annotated[MapOfAnything, Field(examples=[{"order": "A-118"}])] = unsent()


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
    """For how many periods to pay at once."""

    periods: Periods = 1


class MarkPaidBody(Body):
    """Money that a person saw come by another way."""

    reference: Annotated[
        Text200, Field(examples=["BCA 2611-0042"], description="The bank's or cash book's own.")
    ]
    note: Annotated[Text500, Field(examples=["Transfer, seen by Rini"])]
    paid_on: Annotated[
        Day | None, Field(description="A local date since the invoice's issue; else today.")
    ] = None


class ChangePlanBody(Body):
    """To which plan, and when."""

    plan: Annotated[PlanCode, Field(examples=["tahunan"], description="The new plan's code.")]
    at: Annotated[
        Literal["renewal", "now"], Field(description="`now` only to a plan with a higher price.")
    ] = "renewal"


class CancelBody(Body):
    """When it is to end."""

    at: Annotated[
        Literal["period_end", "now"],
        Field(description="At the end of the paid period or the trial, else at once."),
    ] = "period_end"


class ReasonBody(Body):
    """Why, for the audit log."""

    reason: Annotated[Reason, Field(examples=["Abuse, ticket 118"])]


class ExtendBody(Body):
    """By how many days, and why."""

    days: Annotated[int, Field(examples=[7], description="1 to 366, from the last paid day.")]
    reason: Annotated[Reason, Field(examples=["Outage of 20 November"])]


class MoveBody(Body):
    """To which last paid day, and why."""

    paid_through: Annotated[Day, Field(description="The last paid day, today or later.")]
    reason: Annotated[Reason, Field(examples=["All of them on the 1st"])]


class RefundBody(Body):
    """What was sent back to the customer."""

    amount: Annotated[int, Field(ge=1, le=10**12, examples=[99000], description="Whole rupiah.")]
    currency: Literal["IDR"] = "IDR"
    reference: Annotated[
        Text200, Field(examples=["BCA 2611-0043"], description="The transfer's own.")
    ]
    note: Annotated[Text500, Field(examples=["Back to the owner"])]
    metadata: MapOfAnything = {}


class AdvanceBody(Body):
    """To which day the clock is moved on."""

    advance_to: Annotated[Day, Field(examples=["2027-11-22"], description="A local date.")]


class PayerBody(Body):
    """How the payer pays; null takes the payer away."""

    habit: Annotated[Habit | None, Field(examples=["pays_late"])]
