"""What the API accepts: every field typed, bounded, and known."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Text200 = Annotated[str, Field(min_length=1, max_length=200)]
Reference = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
MapOfAnything = dict[str, Any]


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
    features: MapOfAnything = {}
    metadata: MapOfAnything = {}


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


class QrisBody(Body):
    """Nothing is asked for yet; an empty object or no body at all."""


class MarkPaidBody(Body):
    reference: Annotated[
        Text200, Field(examples=["BCA 2611-0042"], description="The bank's or cash book's own.")
    ]
    note: Annotated[str, Field(min_length=1, max_length=500, examples=["Transfer, seen by Rini"])]
    paid_on: Annotated[
        date | None,
        Field(strict=False, description="A local date since the invoice's issue; else today."),
    ] = None


class RefundBody(Body):
    amount: Annotated[int, Field(ge=1, le=10**12, examples=[99000], description="Whole rupiah.")]
    currency: Literal["IDR"] = "IDR"
    reference: Annotated[
        Text200, Field(examples=["BCA 2611-0043"], description="The transfer's own.")
    ]
    note: Annotated[str, Field(min_length=1, max_length=500, examples=["Back to the owner"])]
