"""Alter what an answer or a notice says, in the ways in which Pakasir is known or feared to."""

from datetime import UTC, datetime
from typing import Any

from payment_service.outside.simulator.codes import fee_of
from payment_service.outside.simulator.faults import Call, Faults
from payment_service.outside.simulator.instants import in_jakarta

Fields = dict[str, Any]
BLANKS = {"null": None, "empty": ""}


def alter(said: Fields, call: Call, order_id: str, faults: Faults) -> None:
    """Change `said` in place by whatever fires."""
    if "expired_at" in said and faults.fires("expires_at", call, order_id):
        said["expires_at"] = said.pop("expired_at")
    alter_amount(said, call, order_id, faults)
    if "is_sandbox" in said and faults.fires("sandbox_flag", call, order_id):
        said["is_sandbox"] = not said["is_sandbox"]
    cancel_what_was_completed(said, call, order_id, faults)
    leave_out(said, call, order_id, faults)
    write_otherwise(said, call, order_id, faults)


def alter_amount(said: Fields, call: Call, order_id: str, faults: Faults) -> None:
    if "amount" in said and (fault := faults.fires("other_amount", call, order_id)):
        amount = said["amount"]
        said["amount"] = (
            amount + {"less": -1, "more": 1000, "with_fee": fee_of(amount)}[fault.variant]
        )


def cancel_what_was_completed(said: Fields, call: Call, order_id: str, faults: Faults) -> None:
    """The first word of the payment is true, each later one may take it back."""
    if call != "status" or said.get("status") != "completed":
        return
    if order_id not in faults.told_completed:
        faults.told_completed.add(order_id)
    elif faults.fires("canceled_after", call, order_id):
        said |= {"status": "canceled", "completed_at": None}


def leave_out(said: Fields, call: Call, order_id: str, faults: Faults) -> None:
    """Only what is known to be left out: most of it while a transaction is pending."""
    absent = {"create": ["status", "completed_at", "va_number"], "notice": ["is_sandbox"]}.get(
        call, ["completed_at"] if said.get("status") == "pending" else []
    )
    # Version 1's notices alone have a flag that older ones lack.
    if call == "notice" and "txn_id" in said:
        return
    names = [name for name in absent if name in said]
    among = ("missing",) if call == "notice" else None
    if names and (fault := faults.fires("no_flag", call, order_id, among)):
        for name in names:
            if fault.variant == "missing":
                del said[name]
            else:
                said[name] = BLANKS[fault.variant]


def write_otherwise(said: Fields, call: Call, order_id: str, faults: Faults) -> None:
    """The same figures and instants in other words."""
    figures = [name for name in ("amount", "fee", "total_payment") if name in said]
    if figures and faults.fires("numbers_as_text", call, order_id):
        said |= {name: str(said[name]) for name in figures}
    instants = [name for name in ("expired_at", "expires_at", "completed_at") if said.get(name)]
    if instants and (fault := faults.fires("other_time", call, order_id)):
        said |= {name: rewritten(said[name], fault.variant) for name in instants}


def rewritten(text: str, variant: str) -> str:
    """The same instant; whole seconds where there are no digits."""
    instant = datetime.fromisoformat(text).astimezone(UTC)
    if variant == "jakarta":
        return in_jakarta(instant) or ""
    digits = "seconds" if variant == "no_digits" else "milliseconds"
    return instant.replace(tzinfo=None).isoformat(timespec=digits) + "Z"
