"""Says what its holders would gain and lose if a role were another."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from chassis.access.caller import Caller, Reach, Right
from chassis.access.grants import matches
from chassis.call import Call
from chassis.errors import PermissionDenied
from identity.field_definition.told import sensitive
from identity.principal.role_change import BY_ROLES, proposed_in, with_based_on
from identity.role import rules
from identity.role.bases import every_role, whole
from identity.role.field_rights import field_rights_of
from identity.role.permissions import every_permission
from kith.identity.v1.role_pb2 import PreviewRoleChangeRequest, PreviewRoleChangeResponse, Role

NAMED = 10  # people by id, of one change
Changed = tuple[str, int, int]  # what, before, after: as the contract counts them


async def preview_role_change(call: Call, request: PreviewRoleChangeRequest) -> PreviewRoleChangeResponse:
    """Raises PermissionDenied, NotFound, InvalidArgument, RoleCycle."""
    call.caller.reach("identity.role.update")
    known = await every_role(call.session, call.caller.binds)
    proposed = proposed_in(known, request)
    rows = await call.fetch(BY_ROLES, {"roles": with_based_on(known, proposed.id)})
    permissions: dict[Changed, list[UUID]] = {}
    fields: dict[Changed, list[UUID]] = {}
    for row in rows:
        before = _holder(call, row["role_ids"], known)
        after = _holder(call, row["role_ids"], {**known, proposed.id: proposed})
        for found, changes in ((permissions, _permissions(before, after)), (fields, _fields(before, after))):
            for change in changes:
                found.setdefault(change, []).extend(row["ids"])
    reply: Any = PreviewRoleChangeResponse(user_count=sum(len(row["ids"]) for row in rows))
    for name, told in (("permission", permissions), ("field", fields)):
        for (what, was, will), ids in sorted(told.items()):
            one = getattr(reply, f"{name}s").add(before=was, after=will, user_count=len(ids))
            setattr(one, name, what)
            one.user_ids.extend(map(str, sorted(ids)[:NAMED]))
    return reply  # type: ignore[no-any-return]  # filled by name


def _holder(call: Call, role_ids: list[UUID], known: Mapping[str, Role]) -> Caller:
    """Whoever holds these roles."""
    roles = [whole(known[str(id)], known) for id in role_ids if str(id) in known]
    custom = call.caller.custom
    rights = field_rights_of(roles, sensitive(custom))
    return Caller(
        call.caller.tenant_id,
        call.caller.user_id,
        rules.granted_by(roles),
        denied=rules.denied_by(roles),
        field_rights=rights.fields,
        closed_nouns=rights.closed,
        custom=custom,
    )


def _permissions(before: Caller, after: Caller) -> Iterator[Changed]:
    """Of all there are; only a pattern that came or went can change one."""
    patterns = {pattern for pattern, _ in before.grants.items() ^ after.grants.items()} | (before.denied ^ after.denied)
    for permission in every_permission():
        if any(matches(pattern, permission) for pattern in patterns):
            was, will = _reach(before, permission), _reach(after, permission)
            if was != will:
                yield permission, was, will


def _reach(who: Caller, permission: str) -> int:
    try:
        return int(who.reach(permission))
    except PermissionDenied:
        return int(Reach.NONE)


def _fields(before: Caller, after: Caller) -> Iterator[Changed]:
    for field in before.limits.keys() | after.limits.keys():
        was, will = (who.limits.get(field, Right.WRITE) for who in (before, after))
        if was != will:
            yield field, _RIGHTS[was], _RIGHTS[will]


_RIGHTS = {right: int(right) + 1 for right in Right}  # the contract counts from "not said"
