"""Makes a tenant with its default roles and its first admin."""

from uuid import UUID, uuid5

from sqlalchemy import Text, bindparam, func, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import NotFound
from identity.authentication.stored import SET_PASSWORD
from identity.authority import authority_of
from identity.doors import inside
from identity.role.role import ROLES
from identity.settings import PLATFORM
from identity.tenant.default_roles import ADMIN, default_roles
from identity.tenant.tenant import TENANTS
from identity.user.rules import normal_email
from identity.user.user import USERS
from kith.identity.v1.tenant_pb2 import ProvisionTenantRequest, Tenant
from kith.identity.v1.user_pb2 import User

_LOCK = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("slug", type_=Text), 0))))


async def provision_tenant(call: Call, request: ProvisionTenantRequest) -> Tenant:
    """The id follows from slug and provision_id, so a repeat finds what the first made. Raises AlreadyExists,
    WeakPassword.

    No request_id: its content is kept as a digest, and a fast digest of a password is a gift to thieves.
    """
    tenant_id = uuid5(PLATFORM, f"{request.tenant.slug}/{request.provision_id}")
    await call.session.finish(commit=True)
    known = (request.admin_email, request.admin_display_name, request.tenant.slug, request.tenant.display_name)
    hashed = await authority_of(call).passwords.new(request.admin_password, 0, known, "admin_password")
    async with inside(call, tenant_id):
        await call.fetch(_LOCK, {"slug": request.tenant.slug})
        try:
            return await TENANTS.get(call, str(tenant_id))
        except NotFound:
            return await _made(call, tenant_id, request, hashed)


async def _made(call: Call, tenant_id: UUID, request: ProvisionTenantRequest, hashed: str) -> Tenant:
    wanted = request.tenant
    given = Tenant(
        display_name=wanted.display_name,
        slug=wanted.slug,
        default_locale=wanted.default_locale,
        default_time_zone=wanted.default_time_zone,
        base_currency=wanted.base_currency,
        exchange_rates=wanted.exchange_rates,
        fiscal_year_start_month=wanted.fiscal_year_start_month,
        feature_flags=wanted.feature_flags,
    )
    for name in ("branding", "security_policy"):
        if wanted.HasField(name):
            getattr(given, name).CopyFrom(getattr(wanted, name))
    tenant = await TENANTS.create(call, given, id=str(tenant_id))
    roles = {role.display_name: await ROLES.create(call, role) for role in default_roles()}
    admin = User(
        email=normal_email(request.admin_email),
        display_name=request.admin_display_name,
        role_ids=[roles[ADMIN].id],
    )
    user = await USERS.create(call, admin)
    await call.fetch(SET_PASSWORD, {"user": UUID(user.id), "hash": hashed})
    return tenant
