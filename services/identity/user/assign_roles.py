"""Says which roles a user holds."""

from collections.abc import Iterable

from chassis.call import Call
from chassis.ids import parse_id
from identity.role.bases import whole_roles
from identity.role.last_admin import refuse_without_admin
from identity.role.rules import grants_of, refuse_wider
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import AssignRolesRequest, User


async def assign_roles(call: Call, request: AssignRolesRequest) -> User:
    """Who gives a role, or takes it, holds all that it gives. Raises GrantTooWide, LastAdmin, WrongState."""
    await hold_tenant(call)
    user = await USERS.lock(call, request.id, etag=request.etag)
    changed = rules.assign_roles(user, request.role_ids)
    await refuse_wider_roles(call, changed)
    saved = await USERS.save(call, user, verb="roles_assigned")
    await refuse_without_admin(call)
    return saved


async def refuse_wider_roles(call: Call, role_ids: Iterable[str]) -> None:
    """Whether the caller holds all that these roles give. Raises GrantTooWide."""
    found = await whole_roles(call.session, call.caller.binds, [parse_id(id, "role_ids") for id in role_ids])
    refuse_wider(call.caller, grants_of(found))
