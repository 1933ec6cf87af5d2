"""What the simulator's server is told: the project it plays, and where its notices go."""

from typing import Literal

import msgspec

from payment_service.outside.simulator.codes import CODE_MINUTES, Rounding

Api = Literal["v1", "v2"]
Fees = Literal["buyer", "seller"]


class SimulatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One project."""

    project: str
    """The slug, which stands in every path."""
    api_key: str
    webhook_url: str
    webhook_secret: str
    """Goes with each notice of v2; notices of v1 are unsigned."""
    base_url: str = ""
    """Where payers find the hosted page; empty for the address of the request."""
    api: Api = "v2"
    """The shape of notices. Calls of both versions are always answered."""
    sandbox: bool = True
    """What `is_sandbox` says; also whether a payment may be simulated by a call."""
    fees: Fees = "buyer"
    """Who pays the fee: only a buyer's code asks for more than the amount."""
    fee_rounding: Rounding = "up"
    code_minutes: int = CODE_MINUTES
    limits: bool = True
    """Whether too many calls are answered with 429."""
