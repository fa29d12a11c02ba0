"""Says who the caller is and what they may do."""

from sqlalchemy import Uuid, and_, bindparam, func, select

from chassis.access.principal import principal_of
from chassis.call import Call
from chassis.custom.schema import OPEN
from chassis.database.statement import Statement
from identity.service_account.service_account import table as accounts
from identity.tenant.tenant import table as tenants
from identity.user.user import table as users
from kith.identity.v1.authentication_pb2 import Principal, WhoAmIRequest, WhoAmIResponse

_PREFERENCES = ("date_format", "number_format", "theme", "notification_channels")
_USER = bindparam("caller_user", type_=Uuid)
_CALLER = Statement(
    select(
        func.coalesce(users.c.display_name, accounts.c.display_name).label("display_name"),
        users.c.email,
        users.c.mfa_methods,
        *(users.c[name] for name in _PREFERENCES),
        tenants.c.display_name.label("tenant"),
        tenants.c.slug,
    )
    .select_from(
        tenants.outerjoin(users, and_(users.c.tenant_id == tenants.c.tenant_id, users.c.id == _USER)).outerjoin(
            accounts, and_(accounts.c.tenant_id == tenants.c.tenant_id, accounts.c.id == _USER)
        )
    )
    .where(tenants.c.tenant_id == bindparam("caller_tenant", type_=Uuid))
)


async def who_am_i(call: Call, request: WhoAmIRequest) -> WhoAmIResponse:
    """One's own name and address are no secret to oneself, whatever one's roles say.

    That a custom field is hidden from them is not said either: no contract tells that there is such a one.
    """
    reply = WhoAmIResponse(principal=principal_of(call.caller))
    told = [one for one in reply.principal.field_rights if one.right != Principal.NONE or f".{OPEN}." not in one.field]
    for name in ("custom_fields", "field_rights"):
        reply.principal.ClearField(name)
    reply.principal.field_rights.extend(told)
    for field in call.caller.custom.told:
        if call.caller.hides(field.object).isdisjoint((OPEN, f"{OPEN}.{field.code}")):
            reply.custom_fields.append(field)
    for row in await call.fetch(_CALLER, {}):
        reply.display_name, reply.email = row["display_name"] or "", row["email"] or ""
        reply.mfa_methods.extend(row["mfa_methods"] or ())
        reply.tenant_display_name, reply.tenant_slug = row["tenant"], row["slug"]
        if row["email"]:
            chosen = {name: row[name] for name in _PREFERENCES}
            chosen["notification_channels"] = chosen["notification_channels"] or ["IN_APP"]
            reply.MergeFrom(WhoAmIResponse(**chosen))
    return reply
