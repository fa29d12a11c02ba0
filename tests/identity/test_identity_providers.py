"""Identity providers are set up, tested and enabled; their secrets are never shown (ID-06, S23)."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from tests.identity.provider import CLIENT_ID, CLIENT_SECRET, Provider, providing
from tests.identity.suite import World, refused

FIELDS = {"display_name": "Acme's own", "client_id": CLIENT_ID}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with providing() as made:
        yield made


async def test_one_is_made_given_its_secret_tested_and_enabled(world: World, provider: Provider) -> None:
    made = await world.boss.CreateIdentityProvider(identity_provider=FIELDS | {"issuer": provider.issuer})
    assert await refused(world.boss.EnableIdentityProvider(id=made.id)) == "PROVIDER_NOT_TESTED"
    with_secret = await world.boss.SetClientSecret(id=made.id, client_secret=CLIENT_SECRET)
    assert with_secret.client_secret_time.seconds
    tested = await world.boss.TestIdentityProvider(id=made.id)
    assert (tested.State.Name(tested.state), bool(tested.test_time.seconds)) == ("TESTED", True)
    states = [
        (await getattr(world.boss, f"{verb}IdentityProvider")(id=made.id)).state for verb in ("Enable", "Disable")
    ]
    assert states == [tested.ENABLED, tested.DISABLED]
    assert (await world.boss.EnableIdentityProvider(id=made.id)).state == tested.ENABLED
    assert (await world.boss.TestIdentityProvider(id=made.id)).state == tested.ENABLED, "in use, it stays in use"
    verbs = [one.verb for one in (await world.boss.ListIdentityProviderRevisions(id=made.id)).revisions]
    assert verbs == ["tested", "enabled", "disabled", "enabled", "tested", "client_secret_set", "created"]


async def test_its_secret_is_in_no_table_reply_event_or_log(
    world: World, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    made = await world.boss.CreateIdentityProvider(identity_provider=FIELDS | {"issuer": provider.issuer})
    said = [str(await world.boss.SetClientSecret(id=made.id, client_secret=CLIENT_SECRET))]
    said += [str(await world.boss.GetIdentityProvider(id=made.id)), str(await world.boss.ListIdentityProviders())]
    said += [str(await world.boss.ListIdentityProviderRevisions(id=made.id)), caplog.text]
    for table in await world.admin.fetch("select tablename from pg_tables where schemaname = 'public'"):
        said += [str(row) for row in await world.admin.fetch(f'select t::text from "{table[0]}" t')]
    found = [one for one in said if CLIENT_SECRET in one or CLIENT_SECRET.encode().hex() in one]
    assert not found
    sealed = await world.admin.fetchval("select sealed from client_secret")
    assert len(sealed) == 12 + len(CLIENT_SECRET) + 16
    again = await world.boss.SetClientSecret(id=made.id, client_secret="")
    assert not again.HasField("client_secret_time")
    assert await world.admin.fetchval("select count(*) from client_secret") == 0


async def test_who_sets_one_up_gives_no_role_they_lack(world: World, provider: Provider) -> None:
    keeper = await world.boss.CreateRole(
        role={"display_name": "Keeper", "grants": [{"permission": "identity.identity_provider.*", "reach": "TENANT"}]}
    )
    world.roles["Keeper"] = keeper.id
    await world.user("kim", "Keeper")
    kim = await world.signed_in("kim")
    given = FIELDS | {"issuer": provider.issuer}
    admin = {"default_role_ids": [world.roles["Admin"]]}
    mapped = {"group_claim": "groups", "group_mappings": [{"group": "it", "role_ids": [world.roles["Admin"]]}]}
    for wide in (admin, mapped):
        assert await refused(kim.CreateIdentityProvider(identity_provider=given | wide)) == "GRANT_TOO_WIDE"
    made = await kim.CreateIdentityProvider(identity_provider=given)
    for wide in (admin, mapped):
        changed = {"id": made.id} | wide
        assert await refused(kim.UpdateIdentityProvider(identity_provider=changed)) == "GRANT_TOO_WIDE"
    await world.boss.UpdateIdentityProvider(identity_provider={"id": made.id} | mapped)
    emptied = {"identity_provider": {"id": made.id}, "update_mask": {"paths": ["group_mappings"]}}
    assert await refused(kim.UpdateIdentityProvider(**emptied)) == "GRANT_TOO_WIDE", "nor takes one away"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"issuer": "ftp://login.example"}, "identity_provider.issuer"),
        ({"issuer": "https://me:secret@login.example"}, "identity_provider.issuer"),
        ({"issuer": "https://login.example/?tenant=1"}, "identity_provider.issuer"),
        ({"group_mappings": [{"group": "it"}]}, "identity_provider.group_claim"),
        ({"email_domains": ["not a domain"]}, "identity_provider.email_domains[0]"),
        ({"scopes": ["two words"]}, "identity_provider.scopes[0]"),
        (
            {
                "group_claim": "g",
                "group_mappings": [{"group": "it", "role_ids": ["01920000-0000-7000-8000-000000000001"]}],
            },
            "identity_provider.group_mappings[0].role_ids[0]",
        ),
        (
            {
                "group_claim": "g",
                "group_mappings": [{"group": "it", "team_ids": ["01920000-0000-7000-8000-000000000001"]}],
            },
            "identity_provider.group_mappings[0].team_ids[0]",
        ),
    ],
)
async def test_a_wrong_field_is_named(world: World, fields: dict[str, Any], path: str) -> None:
    given = FIELDS | {"issuer": "https://login.example"} | fields
    with pytest.raises(grpc.aio.AioRpcError) as told:
        await world.boss.CreateIdentityProvider(identity_provider=given)
    assert told.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert path.encode() in dict(told.value.trailing_metadata() or ())["grpc-status-details-bin"]


async def test_its_issuer_is_set_once_since_links_are_to_it(world: World, provider: Provider) -> None:
    made = await world.boss.CreateIdentityProvider(identity_provider=FIELDS | {"issuer": provider.issuer})
    changed = {"id": made.id, "issuer": "https://other.example"}
    assert await refused(world.boss.UpdateIdentityProvider(identity_provider=changed)) == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://another.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": []},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
    ids=str,
)
async def test_one_that_publishes_what_is_unfit_does_not_pass_its_test(
    world: World, provider: Provider, said: dict[str, Any]
) -> None:
    made = await world.boss.CreateIdentityProvider(identity_provider=FIELDS | {"issuer": provider.issuer})
    provider.discovery = said
    assert await refused(world.boss.TestIdentityProvider(id=made.id)) == "PROVIDER_UNFIT"
    provider.discovery = {}
    assert (await world.boss.TestIdentityProvider(id=made.id)).test_time.seconds
