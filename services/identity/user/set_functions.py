"""Says what a user is there for."""

from chassis.call import Call
from identity.role.last_admin import refuse_without_admin
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.assign_roles import refuse_wider_roles
from identity.user.functions import roles_of
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import SetFunctionsRequest, User


async def set_functions(call: Call, request: SetFunctionsRequest) -> User:
    """Raises GrantTooWide, LastAdmin, WrongState."""
    await hold_tenant(call)
    user = await USERS.lock(call, request.id, etag=request.etag)
    before = await roles_of(call, user)
    rules.set_functions(user, request.functions)
    await refuse_wider_roles(call, rules.follow_functions(user, before, await roles_of(call, user)))
    saved = await USERS.save(call, user, verb="functions_set")
    await refuse_without_admin(call)
    return saved
