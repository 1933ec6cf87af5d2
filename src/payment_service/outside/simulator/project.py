"""The project that the simulator plays: its codes opened, found, canceled and paid by its rules."""

from collections.abc import Awaitable, Callable

from payment_service.kit.clock import Clock
from payment_service.kit.crypto import same
from payment_service.kit.database import Database
from payment_service.kit.errors import Conflict
from payment_service.outside.simulator.api_call import Answered
from payment_service.outside.simulator.codes import (
    SMALLEST,
    SimulatedCode,
    by_reference,
    cancel,
    complete,
    get,
    open_code,
)
from payment_service.outside.simulator.settings import SimulatorSettings

LONGEST_ORDER_ID = 100


class Project:
    """One set of codes for both versions of the API. What it refuses is raised as Answered."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: SimulatorSettings,
        on_paid: Callable[[str], Awaitable[None]],
    ) -> None:
        """`on_paid` is given the reference of each payment after its commit."""
        self.clock = clock
        self.settings = settings
        self._db = db
        self._on_paid = on_paid

    def check_caller(self, slug: str, api_key: str) -> None:
        if not same(api_key, self.settings.api_key):
            raise Answered(401, "Api key tidak valid")
        if slug != self.settings.project:
            raise Answered(404, "Proyek tidak ditemukan")

    async def open(self, order_id: str, amount: int, most: int) -> SimulatedCode:
        """Find or create the code of this order; `most` is the largest amount in rupiah."""
        if not (order_id.isprintable() and 0 < len(order_id) <= LONGEST_ORDER_ID):
            raise Answered(400, "Order id tidak valid")
        if not SMALLEST <= amount <= most:
            raise Answered(400, f"Nominal harus {SMALLEST} sampai {most}")
        try:
            return await open_code(
                self._db,
                self.settings.project,
                order_id,
                amount,
                self.clock.now(),
                code_minutes=self.settings.code_minutes,
                is_sandbox=self.settings.sandbox,
                buyer_pays=self.settings.fees == "buyer",
                rounding=self.settings.fee_rounding,
            )
        except Conflict as conflict:
            raise Answered(409, "Order id sudah dipakai dengan nominal lain") from conflict

    async def by_reference(self, reference: str) -> SimulatedCode:
        code = await self._db.read(by_reference, reference, self.clock.now())
        if code is None or code.project != self.settings.project:
            raise Answered(404, "Transaksi tidak ditemukan")
        return code

    async def by_order(self, order_id: str) -> SimulatedCode:
        # PostgreSQL cannot even ask for a text with a NUL, nor either for a broken surrogate.
        code = None
        if order_id.isprintable():
            code = await self._db.read(get, self.settings.project, order_id, self.clock.now())
        if code is None:
            raise Answered(404, "Transaksi tidak ditemukan")
        return code

    async def cancel(self, code: SimulatedCode) -> None:
        after = await self._db.write(cancel, code.reference, self.clock.now())
        if after is not None and after.status == "completed":
            raise Answered(400, "Transaksi sudah dibayar")

    async def simulate(self, code: SimulatedCode) -> None:
        """Pay by a call, which a sandbox alone allows."""
        if not self.settings.sandbox:
            raise Answered(403, "Proyek tidak dalam mode sandbox")
        await self.pay(code)

    async def pay(self, code: SimulatedCode) -> None:
        """Money comes in, and word of it goes out."""
        paid = await self._db.write(complete, code.reference, self.clock.now())
        if paid is None or paid.status != "completed":
            raise Answered(400, "Transaksi sudah dibatalkan")
        await self._on_paid(code.reference)
