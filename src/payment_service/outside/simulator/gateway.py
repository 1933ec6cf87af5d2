"""The simulator as a gateway inside the process: test apps without a gateway of their own."""

from payment_service.kit.clock import Clock
from payment_service.kit.database import Database
from payment_service.kit.errors import Conflict
from payment_service.outside.gateway import CodeStatus, GatewayError, OpenedCode
from payment_service.outside.simulator.codes import (
    CODE_MINUTES,
    LARGEST,
    SMALLEST,
    SimulatedCode,
    by_reference,
    cancel,
    fee_of,
    open_code,
)
from payment_service.outside.simulator.pages import hosted_path


class SimulatedGateway:
    """A project whose codes stand in the service's own database, its pages below `origin`."""

    smallest = SMALLEST
    largest = LARGEST

    def __init__(
        self,
        db: Database,
        clock: Clock,
        project: str,
        *,
        origin: str = "",
        code_minutes: int = CODE_MINUTES,
    ) -> None:
        self._db = db
        self._clock = clock
        self._project = project
        self._origin = origin
        self._code_minutes = code_minutes

    async def open(self, order_id: str, amount: int) -> OpenedCode:
        if not self.smallest <= amount <= self.largest:
            raise GatewayError(
                "refused",
                f"QRIS takes {self.smallest} to {self.largest} rupiah, not {amount}",
                retry=False,
            )
        now = self._clock.now()
        try:
            code = await open_code(
                self._db, self._project, order_id, amount, now, code_minutes=self._code_minutes
            )
        except Conflict as conflict:
            raise GatewayError("refused", conflict.detail, retry=False) from conflict
        return OpenedCode(
            reference=code.reference,
            order_id=code.order_id,
            amount=code.amount,
            total_payment=code.total_payment,
            fee=code.fee,
            qr_string=code.qr_string,
            expires_at=code.expires_at,
            is_sandbox=code.is_sandbox,
        )

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        now = self._clock.now()
        code = self._mine(await self._db.read(by_reference, reference, now), order_id)
        return said_of(code)

    async def cancel(self, order_id: str, reference: str, amount: int) -> None:
        self._mine(await self._db.write(cancel, reference, self._clock.now()), order_id)

    async def fee(self, amount: int) -> int:
        return fee_of(amount)

    async def payment_link(self, order_id: str, amount: int) -> str:
        return self._origin + hosted_path((await self.open(order_id, amount)).reference)

    def _mine(self, code: SimulatedCode | None, order_id: str) -> SimulatedCode:
        if code is None or code.project != self._project or code.order_id != order_id:
            raise GatewayError("unknown_order", "no such transaction", retry=False)
        return code


def said_of(code: SimulatedCode) -> CodeStatus:
    """What the gateway answers when it is asked about this code."""
    return CodeStatus(
        reference=code.reference,
        order_id=code.order_id,
        amount=code.amount,
        status=code.status,
        is_sandbox=code.is_sandbox,
        completed_at=code.completed_at,
    )
