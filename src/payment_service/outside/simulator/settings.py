"""What the simulator's server is told: the project it plays, and where its notices go."""

import msgspec


class SimulatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One project."""

    project: str
    """The slug, which stands in every path."""
    api_key: str
    webhook_url: str
    webhook_secret: str
    base_url: str = ""
    """Where payers find the hosted page; empty for the address of the request."""
    sandbox: bool = True
    """What `is_sandbox` says; also whether a payment may be simulated by a call."""
    code_minutes: int = 15
    limits: bool = True
    """Whether too many calls are answered with 429."""
