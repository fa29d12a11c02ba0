"""Who somebody is in a tenant, and what all their roles allow, as the database has it now."""

from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Uuid, bindparam, cast, func, select

from chassis.access.caller import UTC, Caller, Reach
from chassis.access.grants import within
from chassis.custom.schema import schema_of
from chassis.database.session import Session
from chassis.database.statement import Statement
from chassis.errors import TenantSuspended, Unauthenticated
from identity.field_definition.told import ANY_LIVE, custom_fields, sensitive, with_formulas
from identity.principal.changes import EVERYBODY
from identity.role import rules
from identity.role.bases import whole_roles
from identity.role.field_rights import field_rights_of
from identity.second_factor.rules import is_due, is_required
from identity.service_account.service_account import table as accounts
from identity.session.session import table as sessions
from identity.settings import SERVICE_IDS
from identity.sharing.known import nouns_shared_with
from identity.sharing_rule.reaching import rules_for
from identity.tables import PRINCIPAL_VERSION
from identity.team.team import table as teams
from identity.team.tree import below
from identity.tenant.rates import rates_in
from identity.tenant.rules import ZONES
from identity.tenant.tenant import table as tenants
from identity.user.user import table as users
from kith.identity.v1.role_pb2 import Role
from kith.identity.v1.service_account_pb2 import ServiceAccount
from kith.identity.v1.session_pb2 import Session as SignedIn
from kith.identity.v1.tenant_pb2 import Tenant
from kith.identity.v1.user_pb2 import User
from kith.v1.values_pb2 import Weekday

_TENANT, _USER = bindparam("caller_tenant", type_=Uuid), bindparam("user", type_=Uuid)
_version = select(func.coalesce(func.sum(PRINCIPAL_VERSION.c.version), 0)).where(
    PRINCIPAL_VERSION.c.tenant_id == _TENANT, PRINCIPAL_VERSION.c.user_id.in_([_USER, bindparam("all", type_=Uuid)])
)
_HOME = Statement(
    select(
        tenants.c.base_currency,
        tenants.c.exchange_rates,
        tenants.c.default_time_zone,
        tenants.c.default_locale,
        tenants.c.security_policy,
        tenants.c.state,
        cast(_version.scalar_subquery(), BigInteger).label("version"),
        ANY_LIVE.label("customised"),
    ).where(tenants.c.tenant_id == _TENANT, tenants.c.delete_time.is_(None))
)
_USER_ROW = Statement(
    select(
        users.c.role_ids,
        users.c.team_ids,
        users.c.primary_team_id,
        users.c.time_zone,
        users.c.locale,
        users.c.first_day_of_week,
        users.c.mfa_methods,
    ).where(
        users.c.tenant_id == _TENANT,
        users.c.id == _USER,
        users.c.state == User.State.Name(User.ACTIVE),
        users.c.delete_time.is_(None),
    )
)
_ACCOUNT_ROW = Statement(
    select(accounts.c.role_ids).where(
        accounts.c.tenant_id == _TENANT,
        accounts.c.id == _USER,
        accounts.c.state == ServiceAccount.State.Name(ServiceAccount.ACTIVE),
        accounts.c.delete_time.is_(None),
    )
)
# What a service account is not: in teams, somewhere, or somebody who shows a second factor.
_NO_PERSON: dict[str, Any] = {
    "team_ids": [],
    "primary_team_id": None,
    **dict.fromkeys(("time_zone", "locale", "first_day_of_week"), ""),
}
_SESSION = Statement(
    select(sessions.c.auth_methods).where(
        sessions.c.tenant_id == _TENANT,
        sessions.c.id == bindparam("session", type_=Uuid),
        sessions.c.owner_id == _USER,
        sessions.c.state == SignedIn.State.Name(SignedIn.ACTIVE),
        sessions.c.expire_time > func.now(),
    )
)
_BELOW = Statement(below("teams"))
_MANAGED = Statement(
    select(teams.c.id)
    .where(teams.c.tenant_id == _TENANT, teams.c.manager_id == _USER, teams.c.delete_time.is_(None))
    .order_by(teams.c.id)
)


async def load(
    session: Session,
    tenant_id: UUID,
    user_id: UUID,
    session_id: UUID | None = None,
    scopes: list[str] | None = None,
    instead: Role | None = None,
) -> Caller:
    """The caller, a user or a service account, within `scopes` if there are any; `session` is in the tenant already.
    `instead` stands in for the role of its id.

    Raises Unauthenticated for one who may not work (any more), and for a session that has ended; TenantSuspended for
    everybody but the suite's services, which are told to wait.
    """
    values: dict[str, Any] = {"caller_tenant": tenant_id, "user": user_id, "all": EVERYBODY, "session": session_id}
    home = await session.fetch(_HOME, values)
    signed_in = await session.fetch(_SESSION, values) if home and session_id else []
    if not home or (session_id and not signed_in):
        raise Unauthenticated("this session has ended" if home else "this tenant is closed")
    suspended = home[0]["state"] != Tenant.State.Name(Tenant.ACTIVE)
    if suspended and user_id not in SERVICE_IDS:
        raise TenantSuspended("this tenant is suspended")
    known = {
        "base_currency": home[0]["base_currency"],
        "exchange_rates": rates_in(home[0]["exchange_rates"]),
        "version": home[0]["version"],
        "session_id": session_id,
        "time_zone": _zone(home[0]["default_time_zone"]),
        "locale": home[0]["default_locale"],
    }
    if home[0]["customised"]:
        known["custom"] = schema_of(await custom_fields(session, values))
    if user_id in SERVICE_IDS:
        return Caller(tenant_id, user_id, {"*": Reach.TENANT}, suspended=suspended, **known)
    found = await session.fetch(_USER_ROW, values)
    if not found and (account := await session.fetch(_ACCOUNT_ROW, values)):
        caller = Caller(tenant_id, user_id, {}, **known)
        return await _with_roles(session, values, caller, {**account[0], **_NO_PERSON}, scopes, instead)
    if not found:
        raise Unauthenticated("this user may not work any more")
    due = is_due(
        required=is_required(home[0]["security_policy"]),
        held=found[0]["mfa_methods"],
        shown=signed_in[0]["auth_methods"] if signed_in else None,
        by_key=scopes is not None,
    )
    caller = Caller(tenant_id, user_id, {}, **known, second_factor_due=due)
    return await _with_roles(session, values, caller, found[0], scopes, instead)


async def _with_roles(
    session: Session, values: dict[str, Any], caller: Caller, row: Any, scopes: Any, instead: Role | None
) -> Caller:
    roles = await whole_roles(session, values, row["role_ids"], instead)
    member = sorted(row["team_ids"], key=lambda team: team != row["primary_team_id"])  # the primary one first
    managed = [one["id"] for one in await session.fetch(_MANAGED, values)]
    roots = {*member, *managed}
    beneath = await session.fetch(_BELOW, {**values, "teams": [*roots]}) if roots else []
    grants, user_id = rules.granted_by(roles), caller.user_id
    rights = field_rights_of(roles, sensitive(caller.custom))
    return replace(
        with_formulas(replace(caller, field_rights=rights.fields, closed_nouns=rights.closed)),
        grants=within(grants, scopes) if scopes else grants,
        denied=rules.denied_by(roles),
        roles_by=rules.by_pattern(roles),
        shared=await nouns_shared_with(session, values, user_id, member),
        shared_by=await rules_for(session, values, user_id, member),
        team_ids=tuple(member),
        teams_below=tuple({*managed, *(one["id"] for one in beneath)} - {*member}),
        managed_team_ids=tuple(managed),
        time_zone=_zone(row["time_zone"]) if row["time_zone"] else caller.time_zone,
        locale=row["locale"] or caller.locale,
        first_weekday=Weekday.Value(row["first_day_of_week"] or "MONDAY"),
    )


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name) if name in ZONES else UTC
