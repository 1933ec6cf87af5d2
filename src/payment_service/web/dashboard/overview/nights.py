"""What the next runs of several apps will do, told as one: each step with its count, its sum, and
whom it is about."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from payment_service.actions.foresee_tonight import StepSum, Tonight, foresee_tonight
from payment_service.kit.calendar import Zone, start_of
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.billing_run import RUN_AT
from payment_service.model.concern import Concern, concerns
from payment_service.web.dashboard.ask import Ask

Deed = Literal["issue", "remind", "settle", "change", "grace", "suspend", "cancel", "wait"]
ORDER: tuple[Deed, ...] = (
    "issue", "remind", "settle", "change", "grace", "suspend", "cancel", "wait",
)  # fmt: skip
"""As the run comes by them, the gravest late."""


class Row(NamedTuple):
    """`amount` in rupiah is what is issued or open, 0 where it says nothing; `first` are some of
    those whom it is about."""

    deed: Deed
    times: int
    amount: int
    first: Sequence[Concern]


class Night(NamedTuple):
    """`at` is when the first of the runs is made, on the clock of its app."""

    at: datetime
    zone: Zone
    rows: Sequence[Row]
    is_held: bool
    is_whole: bool


async def night_of(ask: Ask, apps: Sequence[App]) -> Night | None:
    """Of these apps together; None without any."""
    if not apps:
        return None
    nights = [(app, await foresee_tonight(ask.runtime, app)) for app in apps]
    known = await ask.read(_about, [night for _, night in nights])
    app, night = min(nights, key=lambda one: one[1].day)
    return Night(
        at=_begins(night.day, app.zone),
        zone=app.zone,
        rows=[row for deed in ORDER if (row := _row(deed, nights, known)).times],
        is_held=any(one.is_held for _, one in nights),
        is_whole=all(one.is_whole for _, one in nights),
    )


def _begins(day: date, zone: Zone) -> datetime:
    return start_of(day, zone) + RUN_AT


def _row(deed: Deed, nights: Sequence[tuple[App, Tonight]], known: Mapping[str, Concern]) -> Row:
    if deed == "remind":
        return Row(deed, sum(night.reminders for _, night in nights), 0, ())
    sums = [one for _, night in nights for one in night.steps if one.step == deed]
    count = sum(one.count for one in sums)
    if deed == "cancel":
        count += sum(night.ends_unpaid for _, night in nights)
    amount = sum(one.amount for one in sums)
    return Row(deed, count, amount, [known[one] for one in _ids(sums) if one in known])


def _ids(sums: Sequence[StepSum]) -> list[str]:
    return [step.subscription_id for one in sums for step in one.first]


def _about(tx: Transaction, nights: Sequence[Tonight]) -> dict[str, Concern]:
    return concerns(tx, {one for night in nights for one in _ids(night.steps)})
