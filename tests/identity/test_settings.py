"""What a tenant settles for its people, and what they settle for themselves (ID-02, ID-19)."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.testing.serving import refusal
from identity.tenant.branding import contrast
from tests.identity.suite import World

PATHS = ("branding", "security_policy", "feature_flags", "default_locale", "default_time_zone")


async def settle(world: World, **fields: Any) -> Any:
    return await world.boss.UpdateTenant(tenant={"id": world.tenant.id, **fields})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"branding": {"primary_color": "#ffff00"}}, "branding.primary_color"),
        ({"branding": {"primary_color": "#777777"}}, "branding.primary_color"),
        ({"branding": {"primary_color": "#000000", "text_color": "#111111"}}, "branding.primary_color"),
        ({"branding": {"primary_color": "blue"}}, "branding.primary_color"),
        ({"branding": {"text_color": "#000000"}}, "branding.text_color"),
        ({"branding": {"logo_url": "http://acme.example/logo.png"}}, "branding.logo_url"),
        ({"branding": {"logo_url": "javascript:alert(1)"}}, "branding.logo_url"),
        ({"branding": {"logo_url": 'https://acme.example/"onload="x'}}, "branding.logo_url"),
        ({"security_policy": {"session_ttl": {"seconds": 299}}}, "security_policy.session_ttl"),
        ({"security_policy": {"session_ttl": {"seconds": 30 * 86400 + 1}}}, "security_policy.session_ttl"),
        ({"feature_flags": ["new board"]}, "feature_flags[0]"),
        ({"feature_flags": ["a", "a"]}, "feature_flags"),
        ({"default_time_zone": "Asia/Nowhere"}, "default_time_zone"),
        ({"fiscal_year_start_month": 13}, "fiscal_year_start_month"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_by_name_and_changes_nothing(
    world: World, fields: dict[str, Any], field: str
) -> None:
    before = await world.boss.GetTenant(id=world.tenant.id)
    refused = await refusal(settle(world, **fields))
    assert (refused.code, f"tenant.{field}" in refused.fields) == ("INVALID_ARGUMENT", True), refused
    assert await world.boss.GetTenant(id=world.tenant.id) == before


async def test_what_one_tenant_settles_is_not_another_s_as_id_02_has_it(world: World) -> None:
    other = await world.provision("other", "boss@other.example")
    branding = {"logo_url": "https://acme.example/logo.svg", "primary_color": "#FFD400", "text_color": "#1a1a1a"}
    await settle(world, branding=branding, feature_flags=["new_board"], default_locale="zh-CN")
    acme = await world.boss.GetTenant(id=world.tenant.id)
    assert (acme.branding.primary_color, acme.feature_flags[:], acme.default_locale) == (
        "#FFD400",
        ["new_board"],
        "zh-CN",
    )
    boss = world.replica.as_((await world.sign_in("boss@other.example")).access_token)
    assert await boss.GetTenant(id=other.id) == other


async def test_a_session_lasts_as_long_as_the_tenant_says(world: World) -> None:
    await settle(world, security_policy={"session_ttl": {"seconds": 3600}})
    mine = await world.sign_in()
    session = await world.boss.GetSession(id=mine.session_id)
    lasts = session.expire_time.ToDatetime() - session.create_time.ToDatetime()
    assert lasts == timedelta(hours=1)


def test_contrast_is_reckoned_as_wcag_has_it() -> None:
    """The figures are those of the specification's own examples."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#336699", "#336699") == 1
