"""Names the one rule that decides whether somebody may do something with a record: the same questions, one by one, that
`seeing` puts into one predicate."""

from typing import Any
from uuid import UUID

from sqlalchemy import SmallInteger, Text, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access.caller import Caller, Right
from chassis.access.grants import matches
from chassis.access.sight import Level, Reach, level_for
from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import InvalidArgument, PermissionDenied, Unauthenticated, Unavailable
from chassis.ids import parse_id
from chassis.resource.predicate import predicate
from chassis.resource.references import RESOURCES
from chassis.resource.resource import Resource
from chassis.resource.share_table import SHARE, STANDS
from chassis.resource.shared import rules_for
from chassis.resource.sharing import TOLD, told
from kith.v1.access_pb2 import ExplainAccessRequest, ExplainAccessResponse

Explained = ExplainAccessResponse
ASKS_FOR_OTHERS = "identity.role.read"
_SHARES = Statement(
    select(*TOLD)
    .where(
        SHARE.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        SHARE.c.noun == bindparam("noun", type_=Text),
        SHARE.c.record_id == bindparam("record", type_=Uuid),
        SHARE.c.grantee_id == any_(bindparam("grantees", type_=ARRAY(Uuid))),
        SHARE.c.level >= bindparam("level", type_=SmallInteger),
        STANDS,
    )
    .order_by(SHARE.c.level.desc(), SHARE.c.grantee_id)
    .limit(1)
)


async def explain_access(service: str, call: Call, request: ExplainAccessRequest) -> ExplainAccessResponse:
    """Raises NotFound for a record the caller does not see, PermissionDenied, InvalidArgument."""
    noun, _, verb = request.permission.rpartition(".")
    resource = RESOURCES.get(noun)
    if resource is None or resource.noun.service != service:
        raise InvalidArgument.of("permission", "is of no noun of this service")
    if request.field and request.field not in resource.noun.fields:
        raise InvalidArgument.of("field", f"is none of {resource.noun.title}")
    who = await _asked_about(call, request)
    record: Any = await resource.get(call, request.record_id, deleted=True)
    answer = await _decided(call, who, resource, record, request.permission, verb)
    if request.field:
        right = who.limits.get(f"{noun}.{request.field}", Right.WRITE)
        answer.field_right = Explained.Right.Value(right.name)
    return answer


async def _asked_about(call: Call, request: ExplainAccessRequest) -> Caller:
    if request.user_id in ("", str(call.caller.user_id)):
        return call.caller
    if call.caller.reach(ASKS_FOR_OTHERS) is not Reach.TENANT:
        raise PermissionDenied("another's access is not yours to ask about", permission=ASKS_FOR_OTHERS)
    if call.means.known_by is None:
        raise Unavailable("nobody else is known here")
    try:
        return await call.means.known_by(call.caller.tenant_id, parse_id(request.user_id, "user_id"))
    except Unauthenticated:
        raise InvalidArgument.of("user_id", "does not work here") from None


async def _decided(
    call: Call, who: Caller, resource: Resource[Any], record: Any, permission: str, verb: str
) -> ExplainAccessResponse:
    for pattern in sorted(who.denied):
        if matches(pattern, permission):
            return _answer(Explained.DENIED, who, pattern)
    granted = [(reach, pattern) for pattern, reach in who.grants.items() if reach and matches(pattern, permission)]
    if not granted:
        return _answer(Explained.NOT_GRANTED, who)
    reach, pattern = max(granted)
    if reaches(who, reach, resource, record):
        return _answer(Explained.REACH, who, pattern, reach)
    needed = level_for(verb)
    shared = await _shared(call, who, resource, record, needed) if needed else None
    if shared:
        return _answer(Explained.SHARE, who, pattern, reach, share=shared)
    theirs = Call(who, call.permission, call.session, call.now, call.means)
    for text, rule in rules_for(theirs, resource.noun, needed) if needed else ():
        if predicate(resource, rule)(record):
            return _answer(Explained.SHARING_RULE, who, pattern, reach, filter=text)
    return _answer(Explained.OUT_OF_REACH, who, pattern, reach)


def reaches(who: Caller, reach: Reach, resource: Resource[Any], record: Any) -> bool:
    """Whether `reach` covers the record, as `seeing.in_sight` has it."""
    if not resource.noun.owned or reach is Reach.TENANT or record.owner_id == str(who.user_id):
        return True
    teams = {Reach.TEAM: who.team_ids, Reach.TEAM_TREE: (*who.team_ids, *who.teams_below)}.get(reach, ())
    return bool(record.team_id) and UUID(record.team_id) in teams


async def _shared(call: Call, who: Caller, resource: Resource[Any], record: Any, needed: Level) -> Any:
    asked = {"noun": resource.noun.permission, "record": parse_id(record.id), "level": int(needed)}
    rows = await call.fetch(_SHARES, {**asked, "grantees": who.binds["caller_grantees"]})
    return told(rows[0]) if rows else None


def _answer(
    rule: ExplainAccessResponse.Rule.ValueType, who: Caller, pattern: str = "", reach: Reach = Reach.NONE, **more: Any
) -> ExplainAccessResponse:
    return Explained(
        allowed=rule in (Explained.REACH, Explained.SHARE, Explained.SHARING_RULE),
        rule=rule,
        pattern=pattern,
        reach=int(reach),  # type: ignore[arg-type]  # the enums agree number by number
        role_ids=who.roles_by.get(pattern, ()),
        **more,
    )
