"""The package's source, read as a program: what is called in it, and with which words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "payment_service"


def calls() -> Iterator[ast.Call]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield node


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def pattern_of(text: ast.expr) -> str | None:
    """What matches the text; None where it is only passed on."""
    if isinstance(text, ast.Constant):
        return re.escape(str(text.value))
    if isinstance(text, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else None for p in text.values)
        return "".join("[a-z_]+" if part is None else re.escape(str(part)) for part in parts)
    return None
