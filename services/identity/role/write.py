"""Making, changing and putting away roles: nobody gives more than they hold, and somebody stays who manages access."""

from chassis.call import Call
from chassis.resource.standard import standard, told_from_the_root
from identity.role import rules
from identity.role.bases import bases_of, refuse_based_on
from identity.role.last_admin import refuse_without_admin
from identity.role.role import ROLES
from identity.tenant.tenant import hold_tenant
from kith.identity.v1.role_pb2 import CreateRoleRequest, DeleteRoleRequest, Role, UndeleteRoleRequest, UpdateRoleRequest

_CREATE, _UPDATE = standard(ROLES, "CreateRole"), standard(ROLES, "UpdateRole")


async def create_role(call: Call, request: CreateRoleRequest) -> Role:
    """Raises GrantTooWide."""
    if request.role.base_id:
        await hold_tenant(call)
    with told_from_the_root(ROLES):
        rules.check(request.role)
        whole = await _based(call, request.role)
    rules.refuse_wider(call.caller, rules.grants_of([whole]))
    return await _CREATE(call, request)


async def update_role(call: Call, request: UpdateRoleRequest) -> Role:
    """Raises GrantTooWide for what comes and for what goes, RoleCycle, LastAdmin."""
    await hold_tenant(call)
    before = await _based(call, await ROLES.get(call, request.role.id))
    after = await _UPDATE(call, request)
    with told_from_the_root(ROLES):
        whole = await _based(call, after)
    old, new = rules.grants_of([before]), rules.grants_of([whole])
    rules.refuse_wider(call.caller, dict(old.items() ^ new.items()))
    await refuse_without_admin(call)
    return after


async def delete_role(call: Call, request: DeleteRoleRequest) -> Role:
    """Its holders lose what it granted. Raises GrantTooWide, RoleInUse, LastAdmin."""
    await hold_tenant(call)
    role = await ROLES.delete(call, request.id, request.etag)
    await refuse_based_on(call, role)
    rules.refuse_wider(call.caller, rules.grants_of([await _based(call, role)]))
    await refuse_without_admin(call)
    return role


async def undelete_role(call: Call, request: UndeleteRoleRequest) -> Role:
    """Those who held it hold it again. Raises GrantTooWide, and LastAdmin for one that takes."""
    await hold_tenant(call)
    role = await ROLES.undelete(call, request.id, request.etag)
    rules.refuse_wider(call.caller, rules.grants_of([await _based(call, role)]))
    await refuse_without_admin(call)
    return role


async def _based(call: Call, role: Role) -> Role:
    """With what is in its bases. Raises RoleCycle, InvalidArgument."""
    line = await bases_of(call, role)
    rules.refuse_unfit_base(role, line)
    for base in line:
        role = rules.with_base(role, base)
    return role
