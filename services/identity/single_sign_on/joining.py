"""Whom a provider's person is here: the user linked to them, or a new one; never one who has the same e-mail."""

import logging
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import InvalidArgument, Unauthenticated
from identity.external_identity.external_identity import EXTERNAL_IDENTITIES
from identity.external_identity.linked import linked
from identity.identity_provider import rules
from identity.identity_provider.write import living, living_teams
from identity.role.last_admin import LastAdmin, refuse_without_admin
from identity.single_sign_on.person import Person, due_roles, due_teams
from identity.tenant.tenant import hold_tenant
from identity.user.functions import roles_for, roles_of
from identity.user.rules import assign_roles, follow_functions, set_teams
from identity.user.user import USERS, table
from kith.identity.v1.external_identity_pb2 import ExternalIdentity
from kith.identity.v1.identity_provider_pb2 import IdentityProvider
from kith.identity.v1.user_pb2 import User

log = logging.getLogger(__name__)
_BY_EMAIL = Statement(
    select(table.c.id).where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        table.c.email == bindparam("email", type_=Text),
        table.c.delete_time.is_(None),
    )
)


class SsoNotLinked(Unauthenticated): ...


class SsoEmailUnverified(Unauthenticated): ...


class SsoEmailTaken(Unauthenticated): ...


class SsoUserInactive(Unauthenticated): ...


async def joined(call: Call, provider: IdentityProvider, person: Person) -> UUID:
    """The user, whose roles and teams follow their groups from now on.

    Raises SsoUserInactive, SsoNotLinked, SsoEmailUnverified, SsoEmailTaken.
    """
    owner, _ = await linked(call, provider.id, person.subject)
    if owner is None:
        await hold_tenant(call)  # of two first sign-ins the later one finds the user the other made
        owner, before = await linked(call, provider.id, person.subject)
        if owner is None:
            return await _made(call, provider, person, before)
    user = await USERS.get(call, str(owner))
    if user.state != User.ACTIVE:
        raise SsoUserInactive("this user may not sign in", user_id=user.id)
    if person.groups is not None and provider.group_mappings:
        await _follow(call, provider, person, user)
    return owner


async def _made(call: Call, provider: IdentityProvider, person: Person, before: UUID | None) -> UUID:
    """`before` was linked to this person: whoever was deleted does not come back as somebody new."""
    if before and (await USERS.get(call, str(before), deleted=True)).HasField("delete_time"):
        raise SsoUserInactive("this user was deleted", user_id=str(before))
    if not provider.jit or not person.email or not rules.speaks_for(provider, person.email):
        raise SsoNotLinked("no user is linked to this identity, and none is made for it")
    if not person.email_is_verified:
        raise SsoEmailUnverified("the identity provider does not vouch for the e-mail")
    if await call.fetch(_BY_EMAIL, {"email": person.email}):
        raise SsoEmailTaken("a user has this e-mail; linking it takes a sign-in as that user")
    roles = await living(call, {*provider.default_role_ids, *due_roles(provider, person)})
    there, teams = await living_teams(call, rules.mapped_teams(provider)), due_teams(provider, person)
    teams = [team for team in teams if team in there]
    roles = {*roles, *await roles_for(call, (), teams)}
    given = User(
        email=person.email,
        display_name=person.display_name,
        family_name=person.family_name,
        given_name=person.given_name,
        role_ids=sorted(roles),
        team_ids=teams,
    )
    given.primary_team_id = given.team_ids[0] if given.team_ids else ""
    try:
        user = await USERS.create(call, given)
    except InvalidArgument:
        raise SsoNotLinked("the identity provider's e-mail is none") from None
    link = ExternalIdentity(
        owner_id=user.id, identity_provider_id=provider.id, subject=person.subject, email=person.email
    )
    await EXTERNAL_IDENTITIES.create(call, link)
    return UUID(user.id)


async def _follow(call: Call, provider: IdentityProvider, person: Person, user: User) -> None:
    """Nothing is written where nothing differs."""
    roles = rules.following(
        user.role_ids, rules.mapped_roles(provider), sorted(await living(call, due_roles(provider, person)))
    )
    there = await living_teams(call, rules.mapped_teams(provider))
    due = [team for team in due_teams(provider, person) if team in there]
    teams = rules.following(user.team_ids, rules.mapped_teams(provider), due)
    if {*roles} != {*user.role_ids}:
        await _give(call, user, roles)
    if {*teams} != {*user.team_ids}:
        changed = await USERS.lock(call, user.id)
        set_teams(changed, teams, changed.primary_team_id if changed.primary_team_id in teams else "")
        follow_functions(changed, (), await roles_of(call, changed))  # what a team gave, a provider takes from nobody
        await USERS.save(call, changed, verb="teams_set")


async def _give(call: Call, user: User, roles: list[str]) -> None:
    """A provider cannot leave a tenant without anybody who manages access: then what they had stays theirs."""
    await hold_tenant(call)
    changed = await USERS.lock(call, user.id)
    held = [*changed.role_ids]
    assign_roles(changed, roles)
    changed = await USERS.save(call, changed, verb="roles_assigned")
    try:
        await refuse_without_admin(call)
    except LastAdmin:
        log.warning("groups would leave nobody who manages access", extra={"user_id": user.id})
        assign_roles(changed, [*dict.fromkeys((*held, *roles))])
        await USERS.save(call, changed, verb="roles_assigned")
