"""The press: PDFs are drawn by a thread of its own, one after another."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import import_module
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from payment_service.kit.errors import Unavailable
from payment_service.web.pages.sheet import Sheet

MOST_WAITING = 16


class Press:
    """What draws is loaded with the first sheet: most processes never print one."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "press")
        self._waiting = 0

    async def pdf(self, sheet: Sheet) -> bytes:
        """Raises Unavailable when too many wait."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable("busy", "Too many papers are printed at this moment; try again soon.")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._draw, sheet)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._thread.shutdown()

    def _draw(self, sheet: Sheet) -> bytes:
        drawn: bytes = self._pen.draw_pdf(sheet)
        return drawn

    @cached_property
    def _pen(self) -> Any:
        return import_module("payment_service.web.pages.draw_pdf")


async def pdf_answer(request: Request, sheet: Sheet) -> Response:
    press: Press = request.app.state.press
    headers = {
        "Content-Disposition": f'attachment; filename="{sheet.file_name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return Response(await press.pdf(sheet), media_type="application/pdf", headers=headers)
