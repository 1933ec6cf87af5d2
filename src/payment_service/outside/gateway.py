"""What the service asks of a payment gateway, whichever it is.

A gateway knows nothing of invoices, pages or HTTP requests of ours: it is asked for a code, what
became of it, and to forget it; what it keeps of an amount, and where its own page for one is.
"""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

GatewayStatus = Literal["pending", "completed", "canceled"]
Fault = Literal["unreachable", "busy", "refused", "unknown_order", "nonsense"]


class OpenedCode(msgspec.Struct, frozen=True):
    """A code as the gateway made it. Amounts in rupiah, `expires_at` a UTC instant."""

    reference: str
    """The gateway's own id of the transaction."""
    order_id: str
    amount: int
    """What was asked for."""
    total_payment: int
    """What the payer will be debited: the amount, or the amount and the fee."""
    fee: int
    qr_string: str
    expires_at: datetime
    is_sandbox: bool | None


class CodeStatus(msgspec.Struct, frozen=True):
    """What the gateway says of a transaction. Only this is believed, never a notice."""

    reference: str
    order_id: str
    amount: int
    """The base amount, without the fee."""
    status: GatewayStatus
    is_sandbox: bool | None
    completed_at: datetime | None
    """UTC; None while pending, or when the gateway does not say."""


class GatewayError(Exception):
    """A call that gave no usable answer. The message holds no secret."""

    def __init__(
        self, fault: Fault, message: str, *, retry: bool, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.retry = retry
        """Whether the same call may succeed later."""
        self.retry_after = retry_after
        """Seconds the gateway asked us to wait, when it did."""


class Gateway(Protocol):
    """One project at a gateway. A call ends within its total deadline or raises GatewayError."""

    smallest: int
    """The least and the most rupiah that one code can ask for."""
    largest: int

    async def open(self, order_id: str, amount: int) -> OpenedCode:
        """Find or create the code for this order; repeating the call gives the same one."""

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        """What became of it."""

    async def cancel(self, order_id: str, reference: str, amount: int) -> None:
        """Ask the gateway to stop accepting money for it. Money may come all the same."""

    async def fee(self, amount: int) -> int:
        """Rupiah that the gateway takes for a code of this amount."""

    async def payment_link(self, order_id: str, amount: int) -> str:
        """The URL of the gateway's own page on which this order can be paid."""
