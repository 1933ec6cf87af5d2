"""Of which apps the overview tells: all of a mode, or one of them, as its address says."""

from collections.abc import Sequence
from typing import NamedTuple

from payment_service.model.app import MODES, App, Mode
from payment_service.web.dashboard.ask import Ask
from payment_service.web.dashboard.door import PREFIX


class Chosen(NamedTuple):
    """`apps` are those told of, `every` is all there are; `app` is the one that was chosen."""

    mode: Mode
    app: App | None
    apps: Sequence[App]
    every: Sequence[App]

    @property
    def app_id(self) -> str | None:
        return self.app.id if self.app else None

    @property
    def modes(self) -> list[Mode]:
        """Those that there are apps of, live first."""
        return [mode for mode in ("live", "test") if self.of_mode(mode)]

    def of_mode(self, mode: Mode) -> list[App]:
        return [app for app in self.every if app.mode == mode]

    @property
    def query(self) -> dict[str, str]:
        """What a list is asked for to tell of the same apps."""
        return {"app": self.app.id} if self.app else {}


def chosen_of(ask: Ask, every: Sequence[App]) -> Chosen:
    """Without a word all live apps, or the test apps where there is no other. What the address
    names and is not there is passed over."""
    app = next((one for one in every if one.id == ask.query.get("app")), None)
    asked = ask.query.get("mode")
    has_live = any(one.mode == "live" for one in every)
    mode: Mode = "live" if has_live or not every else "test"
    mode = next((one for one in MODES if one == asked), mode)
    if app is not None:
        return Chosen(app.mode, app, [app], every)
    return Chosen(mode, None, [one for one in every if one.mode == mode], every)


def address_of(**query: str | None) -> str:
    """Of the overview."""
    kept = "&".join(f"{name}={value}" for name, value in query.items() if value)
    return f"{PREFIX}?{kept}" if kept else PREFIX
