"""A principal as it travels, and the Caller made of it."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.access.caller import MONDAY, UTC, Caller, Reach, Right
from chassis.access.sight import Level, SharedBy
from chassis.custom.schema import schema_of
from chassis.ids import FastUUID
from kith.identity.v1.authentication_pb2 import Principal
from kith.v1.money_pb2 import ExchangeRate
from kith.v1.share_pb2 import Share


def caller_of(principal: Principal, session_id: UUID | None = None) -> Caller:
    return Caller(
        tenant_id=FastUUID(principal.tenant_id),
        user_id=FastUUID(principal.user_id),
        grants={grant.permission: Reach(grant.reach) for grant in principal.grants},
        team_ids=tuple(FastUUID(team) for team in principal.team_ids),
        teams_below=tuple(FastUUID(team) for team in principal.teams_below),
        managed_team_ids=tuple(FastUUID(team) for team in principal.managed_team_ids),
        field_rights={one.field: Right(one.right) for one in principal.field_rights},
        closed_nouns=frozenset(principal.closed_nouns),
        denied=frozenset(grant.permission for grant in principal.denied),
        roles_by={
            grant.permission: tuple(principal.role_ids[at] for at in grant.roles)
            for grant in (*principal.grants, *principal.denied)
            if grant.roles
        },
        time_zone=_zone(principal.time_zone),
        first_weekday=principal.first_day_of_week or MONDAY,
        locale=principal.locale,
        base_currency=principal.base_currency,
        exchange_rates={one.currency_code: Decimal(one.rate) for one in principal.exchange_rates},
        custom=schema_of(principal.custom_fields),
        version=principal.version,
        shared=frozenset(principal.shared_nouns),
        shared_by=_rules_by_noun(principal.shared_by),
        session_id=session_id,
        api_key_id=FastUUID(principal.api_key_id) if principal.api_key_id else None,
        second_factor_due=principal.second_factor_due,
        suspended=principal.suspended,
    )


def principal_of(caller: Caller) -> Principal:
    reach, right = Principal.Reach.Value, Principal.Right.Value
    places = {
        role: at for at, role in enumerate(sorted({role for roles in caller.roles_by.values() for role in roles}))
    }

    def roles(pattern: str) -> list[int]:
        return [places[role] for role in caller.roles_by.get(pattern, ())]

    return Principal(
        tenant_id=str(caller.tenant_id),
        user_id=str(caller.user_id),
        version=caller.version,
        closed_nouns=sorted(caller.closed_nouns),
        denied=[Principal.Grant(permission=name, roles=roles(name)) for name in sorted(caller.denied)],
        role_ids=list(places),
        shared_nouns=sorted(caller.shared),
        shared_by=[
            Principal.SharedBy(noun=noun, filter=rule.filter, level=Share.Level.Value(rule.level.name))
            for noun, rules in caller.shared_by.items()
            for rule in rules
        ],
        grants=[
            Principal.Grant(permission=name, reach=reach(far.name), roles=roles(name))
            for name, far in caller.grants.items()
            if far
        ],
        team_ids=[str(team) for team in caller.team_ids],
        teams_below=[str(team) for team in caller.teams_below],
        managed_team_ids=[str(team) for team in caller.managed_team_ids],
        field_rights=[
            Principal.FieldRight(field=path, right=right(much.name)) for path, much in caller.field_rights.items()
        ],
        time_zone=caller.time_zone.key,
        first_day_of_week=caller.first_weekday,  # type: ignore[arg-type]  # numbered as ISO 8601 does
        locale=caller.locale,
        base_currency=caller.base_currency,
        exchange_rates=[
            ExchangeRate(currency_code=code, rate=f"{rate:f}") for code, rate in caller.exchange_rates.items()
        ],
        api_key_id=str(caller.api_key_id) if caller.api_key_id else "",
        second_factor_due=caller.second_factor_due,
        suspended=caller.suspended,
        custom_fields=caller.custom.told,
    )


def _rules_by_noun(rules: Iterable[Principal.SharedBy]) -> dict[str, tuple[SharedBy, ...]]:
    found: dict[str, tuple[SharedBy, ...]] = {}
    for rule in rules:
        found[rule.noun] = (*found.get(rule.noun, ()), SharedBy(rule.filter, Level(rule.level)))
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC  # a name this machine does not know yet: the day may be off, the work goes on
