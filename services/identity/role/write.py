"""Making, changing and putting away roles: nobody gives more than they hold, and somebody stays who manages access."""

from chassis.call import Call
from chassis.resource.standard import standard, told_from_the_root
from identity.role import rules
from identity.role.last_admin import refuse_without_admin
from identity.role.role import ROLES
from identity.tenant.tenant import hold_tenant
from kith.identity.v1.role_pb2 import CreateRoleRequest, DeleteRoleRequest, Role, UndeleteRoleRequest, UpdateRoleRequest

_CREATE, _UPDATE = standard(ROLES, "CreateRole"), standard(ROLES, "UpdateRole")


async def create_role(call: Call, request: CreateRoleRequest) -> Role:
    """Raises GrantTooWide."""
    with told_from_the_root(ROLES):
        rules.check(request.role)
    rules.refuse_wider(call.caller.grants, rules.grants_of([request.role]))
    return await _CREATE(call, request)


async def update_role(call: Call, request: UpdateRoleRequest) -> Role:
    """Raises GrantTooWide for what comes and for what goes, LastAdmin."""
    await hold_tenant(call)
    before = await ROLES.get(call, request.role.id)
    after = await _UPDATE(call, request)
    old, new = rules.grants_of([before]), rules.grants_of([after])
    rules.refuse_wider(call.caller.grants, dict(old.items() ^ new.items()))
    await refuse_without_admin(call)
    return after


async def delete_role(call: Call, request: DeleteRoleRequest) -> Role:
    """Its holders lose what it granted. Raises GrantTooWide, LastAdmin."""
    await hold_tenant(call)
    role = await ROLES.delete(call, request.id, request.etag)
    rules.refuse_wider(call.caller.grants, rules.grants_of([role]))
    await refuse_without_admin(call)
    return role


async def undelete_role(call: Call, request: UndeleteRoleRequest) -> Role:
    """Those who held it hold it again. Raises GrantTooWide."""
    role = await ROLES.undelete(call, request.id, request.etag)
    rules.refuse_wider(call.caller.grants, rules.grants_of([role]))
    return role
