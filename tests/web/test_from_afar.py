"""Plain http from another machine: what looks whether the service is well is answered, and who has
the token for its figures; nobody else."""

import msgspec

from tests.service import Answer, Service

TOKEN = "a token of the owner's choice"
FROM_AFAR = {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Proto": "http"}
"""By a trusted proxy: the service then takes the request for one of that address and scheme."""


async def test_only_health_and_figures_are_told_over_plain_http(service: Service) -> None:
    service.web.state.runtime = msgspec.structs.replace(service.runtime, metrics_token=TOKEN)

    async def asks(path: str, **headers: str) -> Answer:
        return await service.ask("GET", path, headers={**FROM_AFAR, **headers})

    assert (await asks("/healthz/ready")).status == 200
    assert (await asks("/healthz/live")).status == 200
    assert (await asks("/metrics", Authorization=f"Bearer {TOKEN}")).status == 200
    assert (await asks("/metrics")).status == 404
    assert (await asks("/metrics", Authorization=f"Bearer {TOKEN}x")).status == 404
    for path in ("/v1/plans", "/pay/x", "/dashboard/", "/metrics/x", "/healthz", "/static/x.css"):
        refused = await asks(path)
        assert refused.status == 403, path
    assert (await asks("/v1/plans")).json["code"] == "https_required"
