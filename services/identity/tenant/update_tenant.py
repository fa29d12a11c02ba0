"""Changing a tenant: no policy shuts everybody out."""

from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import FailedPrecondition
from chassis.resource.standard import standard
from identity.identity_provider.identity_provider import table as providers
from identity.tenant.tenant import TENANTS
from identity.user.user import table as users
from kith.identity.v1.identity_provider_pb2 import IdentityProvider
from kith.identity.v1.tenant_pb2 import Tenant, UpdateTenantRequest
from kith.identity.v1.user_pb2 import User

_UPDATE = standard(TENANTS, "UpdateTenant")
_TENANT = bindparam("caller_tenant", type_=Uuid)
_WAYS_IN = Statement(
    select(providers.c.id).where(
        providers.c.tenant_id == _TENANT,
        providers.c.state == bindparam("enabled", type_=Text),
        providers.c.delete_time.is_(None),
    )
)
_WORKING = Statement(
    select(users.c.id).where(
        users.c.tenant_id == _TENANT,
        users.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        users.c.state == bindparam("active", type_=Text),
        users.c.delete_time.is_(None),
    )
)


class NoWayIn(FailedPrecondition): ...


async def update_tenant(call: Call, request: UpdateTenantRequest) -> Tenant:
    """Raises NoWayIn for single sign-on only without a provider, or without somebody for the day it is away."""
    tenant = await _UPDATE(call, request)
    policy = tenant.security_policy
    if policy.sso_only:
        enabled = {"enabled": IdentityProvider.State.Name(IdentityProvider.ENABLED)}
        named = {"ids": [UUID(id) for id in policy.break_glass_user_ids], "active": User.State.Name(User.ACTIVE)}
        working = await call.fetch(_WORKING, named)
        if not working or len(working) < len(named["ids"]) or not await call.fetch(_WAYS_IN, enabled):
            raise NoWayIn("nobody could sign in when the identity provider is away")
    return tenant
