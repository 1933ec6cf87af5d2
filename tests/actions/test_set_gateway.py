"""Changing an app's gateway: where its key may go, and what becomes of codes in between."""

import pytest

from payment_service.actions.check_gateway import check_gateway
from payment_service.actions.set_gateway import GatewayChange, set_gateway
from payment_service.kit.errors import Conflict, Refusal
from payment_service.model.app import App as AppRecord
from payment_service.model.app import app_by_id
from tests.scenarios.conftest import story
from tests.service import API_KEY, NOTICE_SECRET, PROJECT
from tests.story import Story

__all__ = ["story"]


async def changes(story: Story, change: GatewayChange, *, abandon: bool = False) -> AppRecord:
    runtime = story.service.runtime
    assert story.the_app is not None
    return await runtime.db.write(
        set_gateway,
        story.the_app.id,
        change,
        runtime.secrets,
        runtime.targets,
        story.clock.now(),
        abandon=abandon,
    )


async def test_another_origin_needs_the_key_again(story: Story) -> None:
    app = await story.app()
    elsewhere = f"http://127.0.0.1:{story.receiver.port}"
    before = await story.service.runtime.db.read(app_by_id, app.id)
    with pytest.raises(Refusal, match="api_key_needed"):
        await changes(story, GatewayChange(origin=elsewhere))
    assert await story.service.runtime.db.read(app_by_id, app.id) == before
    after = await changes(story, GatewayChange(origin=elsewhere, api_key="kunci lain"))
    assert after.gateway_origin == elsewhere
    assert story.service.runtime.secrets.open(after.gateway_api_key or "") == "kunci lain"


async def test_another_key_alone_is_taken(story: Story) -> None:
    await story.app()
    after = await changes(story, GatewayChange(api_key="salah"))
    assert after.gateway_project == PROJECT
    assert story.service.runtime.secrets.open(after.gateway_webhook_secret or "") == NOTICE_SECRET


async def test_the_project_is_not_changed_while_its_codes_can_be_paid(story: Story) -> None:
    tenant = await story.subscribe("Bengkel Jaya", "bulanan")
    await tenant.asks_for_code()
    with pytest.raises(Conflict, match="codes_still_open"):
        await changes(story, GatewayChange(project="lain"))
    after = await changes(story, GatewayChange(project="lain"), abandon=True)
    assert after.gateway_project == "lain"


async def test_a_test_app_goes_from_the_simulator_to_a_project(story: Story) -> None:
    story.the_app = await story.app(simulated=True)
    with pytest.raises(Refusal, match="api_key_needed"):
        await changes(story, GatewayChange(project=PROJECT))
    with pytest.raises(Refusal, match="gateway_secrets"):
        await changes(story, GatewayChange(project=PROJECT, api_key=API_KEY))
    change = GatewayChange(
        project=PROJECT,
        api_key=API_KEY,
        webhook_secret=NOTICE_SECRET,
        origin=story.pakasir.origin,
    )
    assert (await changes(story, change)).gateway == "pakasir"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (GatewayChange(version="v3"), "gateway_version"),
        (GatewayChange(project="dua kata"), "gateway_project"),
        (GatewayChange(origin="http://10.0.0.1", api_key="k"), "url_not_allowed"),
        (GatewayChange(origin="https://app.pakasir.com/api", api_key="k"), "origin_with_path"),
        (GatewayChange(api_key="kunci\nlain"), "gateway_secrets"),
    ],
)
async def test_what_cannot_be_is_refused(story: Story, change: GatewayChange, code: str) -> None:
    await story.app()
    with pytest.raises(Refusal, match=code):
        await changes(story, change)


async def test_the_check_finds_a_gateway_that_is_well(story: Story) -> None:
    app = await story.app()
    found = await check_gateway(story.service.runtime, app.id)
    assert (found.reached, found.key_accepted, found.fee) == (True, True, 1_003)


async def test_the_check_finds_a_key_that_is_not_taken(story: Story) -> None:
    app = await story.app()
    await changes(story, GatewayChange(api_key="salah"))
    found = await check_gateway(story.service.runtime, app.id)
    assert (found.reached, found.key_accepted) == (True, False)
    assert "salah" not in str(found.problem)


async def test_the_check_finds_a_gateway_that_is_away(story: Story) -> None:
    app = await story.app()
    await story.pakasir.stop()
    found = await check_gateway(story.service.runtime, app.id)
    assert (found.reached, found.key_accepted, found.fee) == (False, False, None)
