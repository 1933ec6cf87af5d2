"""What a handler of the API is given, read from a request by what its signature asks for."""

import json
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from pydantic_core import PydanticUndefined
from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from payment_service.web.access import Access, Needs


class Arguments:
    """FastAPI reads the signature once; of what it does for each request only this is needed, a
    third of its time. Raises TypeError for a signature that asks for anything else."""

    def __init__(self, asked: Dependant) -> None:
        accesses = [
            (str(one.name), one.call.scope)
            for one in asked.dependencies
            if isinstance(one.call, Needs)
        ]
        others = (
            asked.cookie_params, asked.http_connection_param_name, asked.response_param_name,
            asked.background_tasks_param_name, asked.security_scopes_param_name,
            asked.body_params[1:], asked.dependencies[1:],
        )  # fmt: skip
        if len(accesses) != 1 or any(others):
            raise TypeError(f"{asked.path}: a handler takes an access, parameters and one body")
        self._asked = asked
        ((self._access, self.scope),) = accesses
        self._ids = [(field.name, field) for field in asked.path_params]

    async def given(self, request: Request, access: Access) -> dict[str, Any]:
        """By name. Raises RequestValidationError, which names every fault."""
        asked = self._asked
        values: dict[str, Any] = {self._access: access}
        faults: list[Any] = []
        for name, field in self._ids:
            # An address that matches has them all, each once.
            values[name], wrong = field.validate(
                request.path_params[field.alias], values, loc=("path", field.alias)
            )
            faults += wrong
        for fields, received in (
            (asked.query_params, request.query_params),
            (asked.header_params, request.headers),
        ):
            if fields:
                found, wrong = request_params_to_args(fields, received)
                values |= found
                faults += wrong
        if asked.body_params:
            body = await _body_of(request)
            found, wrong = await request_body_to_args(asked.body_params, body, False)
            values |= found
            faults += wrong
        if faults:
            raise RequestValidationError(faults)
        if asked.request_param_name:
            values[asked.request_param_name] = request
        return values


async def _body_of(request: Request) -> Any:
    """What its JSON holds; the bytes of what is none."""
    body = await request.body()
    if not body:
        return PydanticUndefined
    kind, _ = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"application/json" and not _is_json(kind):
        return body
    try:
        return await request.json()
    except json.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg, "input": {}}
        raise RequestValidationError([fault]) from error


def _is_json(kind: bytes) -> bool:
    return kind.startswith(b"application/") and kind.endswith(b"+json")
