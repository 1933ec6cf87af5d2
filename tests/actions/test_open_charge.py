"""Opening a code: what happens with one that came to nothing."""

from datetime import timedelta

from payment_service.actions.register_app import Registration
from payment_service.model.charge import CHARGES_OF_INVOICE, OPENING_PATIENCE
from payment_service.outside.gateway import CodeStatus, GatewayError, OpenedCode
from tests.clocks import HandClock
from tests.service import running_service
from tests.story import register


class Forgetful:
    """A gateway that answers as it is told to, by the place of the order among all orders."""

    smallest = 500
    largest = 10_000_000

    def __init__(self, clock: HandClock, *answers: timedelta | GatewayError) -> None:
        self.clock = clock
        self.answers = answers
        self.orders: list[str] = []

    async def open(self, order_id: str, amount: int) -> OpenedCode:
        if order_id not in self.orders:
            self.orders.append(order_id)
        answer = self.answers[self.orders.index(order_id)]
        if isinstance(answer, GatewayError):
            raise answer
        return OpenedCode(
            reference=f"ref-{order_id}",
            order_id=order_id,
            amount=amount,
            total_payment=amount,
            fee=0,
            qr_string="CONTOH",
            expires_at=self.clock.now() + answer,
            is_sandbox=True,
        )

    async def status(self, order_id: str, reference: str, amount: int) -> CodeStatus:
        return CodeStatus(reference, order_id, amount, "pending", True, None)

    async def cancel(self, order_id: str, reference: str, amount: int) -> None:
        return None

    async def fee(self, amount: int) -> int:
        raise NotImplementedError

    async def payment_link(self, order_id: str, amount: int) -> str:
        raise NotImplementedError


async def test_a_code_that_has_run_out_already_is_replaced_and_still_looked_at(
    database_url: str, clock: HandClock
) -> None:
    gateway = Forgetful(clock, timedelta(minutes=-30), timedelta(minutes=15))
    async with running_service(database_url, clock, gateway_of=lambda _: gateway) as service:
        app = await register(service, Registration(name="BukuBengkel", mode="test"))
        made = (await app.subscribes("tenant-1", "bulanan")).json["open_invoice"]
        code = await app.asks("POST", f"/v1/invoices/{made['id']}/qris")
        assert (code.status, code.json["charge_id"]) == (200, gateway.orders[1])
        charges = await service.runtime.db.read(
            lambda tx: tx.all(CHARGES_OF_INVOICE, invoice_id=made["id"])
        )
        assert {charge.status for charge in charges} == {"expired", "open"}
        assert all(charge.check_at is not None for charge in charges)


async def test_an_order_that_the_gateway_will_not_have_is_given_up_after_a_while(
    database_url: str, clock: HandClock
) -> None:
    no = GatewayError("refused", "the gateway answered 409", retry=False)
    gateway = Forgetful(clock, no, timedelta(minutes=15))
    async with running_service(database_url, clock, gateway_of=lambda _: gateway) as service:
        app = await register(service, Registration(name="BukuBengkel", mode="test"))
        made = (await app.subscribes("tenant-1", "bulanan")).json["open_invoice"]
        for _ in range(2):
            refused = await app.asks("POST", f"/v1/invoices/{made['id']}/qris")
            assert (refused.status, refused.json["code"]) == (503, "gateway_unavailable")
        assert len(gateway.orders) == 1
        clock.advance(OPENING_PATIENCE)
        code = await app.asks("POST", f"/v1/invoices/{made['id']}/qris")
        assert (code.status, code.json["charge_id"]) == (200, gateway.orders[1])
