"""Setting identity providers up: whoever says what people get by one holds all of that."""

from collections.abc import Iterable

from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.standard import standard, told_from_the_root
from identity.doors import consequences
from identity.identity_provider import rules
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS
from identity.role.role import ROLES
from identity.team.team import TEAMS
from identity.user.assign_roles import refuse_wider_roles
from kith.identity.v1.identity_provider_pb2 import (
    CreateIdentityProviderRequest,
    IdentityProvider,
    UndeleteIdentityProviderRequest,
    UpdateIdentityProviderRequest,
)

_CREATE = standard(IDENTITY_PROVIDERS, "CreateIdentityProvider")
_UPDATE = standard(IDENTITY_PROVIDERS, "UpdateIdentityProvider")


async def create_identity_provider(call: Call, request: CreateIdentityProviderRequest) -> IdentityProvider:
    """Raises GrantTooWide."""
    with told_from_the_root(IDENTITY_PROVIDERS):
        await _refuse_lost(call, request.identity_provider)
    await refuse_wider_roles(call, rules.given_roles(request.identity_provider))
    return await _CREATE(call, request)


async def update_identity_provider(call: Call, request: UpdateIdentityProviderRequest) -> IdentityProvider:
    """Raises GrantTooWide for what it gives afterwards, and for what it gave before."""
    before = await IDENTITY_PROVIDERS.get(call, request.identity_provider.id)
    after = await _UPDATE(call, request)
    if before.default_role_ids != after.default_role_ids or before.group_mappings != after.group_mappings:
        with told_from_the_root(IDENTITY_PROVIDERS):
            await _refuse_lost(call, after)
        await refuse_wider_roles(call, rules.given_roles(before) | rules.given_roles(after))
    return after


async def undelete_identity_provider(call: Call, request: UndeleteIdentityProviderRequest) -> IdentityProvider:
    """As it was, with all it gives. Raises GrantTooWide."""
    provider = await IDENTITY_PROVIDERS.undelete(call, request.id, request.etag)
    await refuse_wider_roles(call, rules.given_roles(provider))
    return provider


async def _refuse_lost(call: Call, provider: IdentityProvider) -> None:
    """References inside a list no foreign key holds. Raises InvalidArgument."""
    roles = await living(call, (role for one in provider.group_mappings for role in one.role_ids))
    teams = await living_teams(call, rules.mapped_teams(provider))
    problems: dict[str, str] = {}
    for at, one in enumerate(provider.group_mappings):
        for name, ids, known in (("role_ids", one.role_ids, roles), ("team_ids", one.team_ids, teams)):
            problems |= {
                f"group_mappings[{at}].{name}[{n}]": "points at nothing" for n, id in enumerate(ids) if id not in known
            }
    if problems:
        raise InvalidArgument("some mappings point at nothing", fields=problems)


async def living(call: Call, role_ids: Iterable[str]) -> set[str]:
    """Those of these roles that are there."""
    with consequences(call):
        found = await ROLES.get_many(call, role_ids)
    return {fields["id"] for fields in found if "delete_time" not in fields}


async def living_teams(call: Call, team_ids: Iterable[str]) -> set[str]:
    """Those of these teams that are there."""
    with consequences(call):
        found = await TEAMS.get_many(call, team_ids)
    return {fields["id"] for fields in found if "delete_time" not in fields}
