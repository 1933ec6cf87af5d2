"""`/v1/charges`: the codes that money was asked for with."""

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from payment_service.kit.errors import NotFound
from payment_service.kit.statements import Transaction
from payment_service.model.payment_list import CHARGE_ASKED, Asked
from payment_service.resources import charge_resource
from payment_service.web.access import Reader
from payment_service.web.api.strict_route import StrictRoute
from payment_service.web.api.texts import ChargeId
from payment_service.web.idempotency import json_answer

router = APIRouter(prefix="/v1/charges", tags=["charges"], route_class=StrictRoute)


@router.get("/{charge_id}", summary="Read a charge")
async def read(charge_id: ChargeId, access: Reader) -> Response:
    """What became of a code. To get a code that can be paid ask the invoice for one:
    `POST /v1/invoices/{id}/qris`."""
    found = await access.runtime.db.read(_read, access.app.id, charge_id)
    return json_answer(msgspec.json.encode(charge_resource(found, access.now)))


def _read(tx: Transaction, app_id: str, charge_id: str) -> Asked:
    found = tx.one(CHARGE_ASKED, id=charge_id)
    if found is None or found.charge.app_id != app_id:
        raise NotFound("charge_not_found", "There is no charge with this id.")
    return found
