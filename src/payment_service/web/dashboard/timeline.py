"""A page of a history as it is drawn: entries by their local day, and where older ones begin."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from payment_service.kit.calendar import local_date
from payment_service.kit.statements import Transaction
from payment_service.model.app import App
from payment_service.model.history import DeliveryState, History, Place
from payment_service.model.history_detail import Told, plan_names, tell


class Timeline(NamedTuple):
    """`plans` are names of plans by code, `older` is what the address of the next page says."""

    days: Sequence[tuple[date, Sequence[Told]]]
    plans: dict[str, str]
    deliveries: dict[str, list[DeliveryState]]
    older: str | None


def timeline_of(tx: Transaction, app: App, found: History) -> Timeline:
    entries = tell(tx, found.entries)
    days: list[tuple[date, list[Told]]] = []
    for told in entries:
        day = local_date(told.entry.at, app.zone)
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(told)
    older = found.following
    return Timeline(
        days,
        plan_names(tx, app.id, entries),
        found.deliveries,
        f"{older.at.isoformat()}~{older.position}~{older.id}" if older else None,
    )


def place_in(text: str) -> Place | None:
    """Where an older page begins, as its link says; None where that is no place."""
    at, _, rest = text.partition("~")
    position, _, id_ = rest.partition("~")
    try:
        instant = datetime.fromisoformat(at)
        number = int(position)
    except ValueError:
        return None
    if instant.tzinfo is None or not 0 <= number < 2**62:
        return None
    return Place(instant, number, id_[:60])
