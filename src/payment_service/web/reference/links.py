"""What can be asked next of a thing that was just made: OpenAPI's links, from its id."""

import re
from collections.abc import Mapping

from payment_service.web.reference.operation import Operation
from payment_service.web.reference.schemas import Schema, name_of


def links_of(made: Operation, operations: Mapping[str, Operation]) -> dict[str, Schema]:
    """By the name of the operation that a link leads to."""
    shape = next(iter(made.answers.values())).shape
    if shape is None:
        return {}
    parameter = f"{snake(name_of(shape).removeprefix('New'))}_id"
    return {
        one.id: {"operationId": one.id, "parameters": {parameter: "$response.body#/id"}}
        for address, one in operations.items()
        if f"{{{parameter}}}" in address
    }


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
