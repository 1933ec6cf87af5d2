"""The gateway of each app, kept while its settings stay the same."""

from datetime import timedelta

from payment_service.kit.clock import Clock, ShiftedClock
from payment_service.kit.crypto import SecretBox
from payment_service.kit.database import Database
from payment_service.model.app import App
from payment_service.outside.call_limit import CallLimit
from payment_service.outside.gateway import Gateway
from payment_service.outside.pakasir import PakasirGateway
from payment_service.outside.pakasir_v1 import PakasirV1Gateway
from payment_service.outside.session import GuardedSession
from payment_service.outside.simulator.gateway import SimulatedGateway

PACE = timedelta(seconds=1)
"""In which Pakasir makes two codes, and cancels two."""


class Gateways:
    """Made when an app is first asked about; without `paced` any number of codes a second."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        session: GuardedSession,
        box: SecretBox,
        origin: str,
        *,
        paced: bool = True,
    ) -> None:
        self._db = db
        self._clock = clock
        self._session = session
        self._box = box
        self._origin = origin
        self._kept: dict[str, tuple[int, Gateway]] = {}
        self._paced = paced
        self._limits: dict[str, CallLimit] = {}

    def __call__(self, app: App) -> Gateway | None:
        kept = self._kept.get(app.id)
        if kept is not None and kept[0] == app.version:
            return kept[1]
        gateway = self._make(app)
        if gateway is not None:
            self._kept[app.id] = app.version, gateway
        return gateway

    def _make(self, app: App) -> Gateway | None:
        if app.gateway == "simulator" and app.mode == "test":
            clock = ShiftedClock(self._clock, app.clock_offset)
            return SimulatedGateway(self._db, clock, app.id, origin=self._origin)
        if app.gateway != "pakasir":
            return None
        if app.gateway_origin is None or app.gateway_project is None:
            return None
        if app.gateway_api_key is None:
            return None
        kind = PakasirV1Gateway if app.gateway_version == "v1" else PakasirGateway
        return kind(
            self._session,
            self._clock,
            origin=app.gateway_origin,
            project=app.gateway_project,
            api_key=self._box.open(app.gateway_api_key),
            limit=self._limit_of(f"{app.gateway_origin} {app.gateway_project}"),
        )

    def _limit_of(self, project: str) -> CallLimit:
        """Apps that share a project share what it may be asked at once."""
        if project not in self._limits:
            window = PACE if self._paced else None
            self._limits[project] = CallLimit(self._db, self._clock, project, window=window)
        return self._limits[project]
