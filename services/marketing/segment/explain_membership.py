"""Why somebody is in a segment, or is not."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, select

from chassis.call import Call
from chassis.errors import InvalidArgument, PermissionDenied
from chassis.ids import parse_id
from chassis.resource.filter import filter_for
from chassis.resource.view import View
from kith.marketing.v1.contact_fact_pb2 import ContactFact
from kith.marketing.v1.segment_membership_pb2 import SegmentMembership
from kith.marketing.v1.segment_pb2 import ExplainMembershipRequest, ExplainMembershipResponse
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.contact_fact.refresh import read
from marketing.segment.conditions import Condition, conditions, value_of
from marketing.segment.meaning import meaning
from marketing.segment.segment import SEGMENTS
from marketing.segment_membership.segment_membership import SEGMENT_MEMBERSHIPS
from marketing.tenant import as_tenant

TOLD = {"segment_id", "contact_id", "cause", "leave_cause", "entered_time", "left_time"}  # of a membership


async def explain_membership(call: Call, request: ExplainMembershipRequest) -> ExplainMembershipResponse:
    """What decides, as far as the caller may see the facts it is decided by.

    Raises PermissionDenied for whom memberships say too little to tell whether this is one.
    """
    if not call.view(SEGMENT_MEMBERSHIPS).fields.keys() >= TOLD:
        raise PermissionDenied("who is in which segment is not yours to see", permission=call.permission)
    segment = await SEGMENTS.get(call, request.id)
    fact = await _living(call, request.contact_id)
    service, reply = await as_tenant(call), ExplainMembershipResponse()
    for condition in conditions(segment.filter):
        if _may_see(call, condition):
            reply.conditions.append(_told(service, condition, fact))
    if membership := await _last(call, request):
        reply.member = not membership.HasField("left_time")
        reply.cause = membership.cause if reply.member else membership.leave_cause
        if reply.member:
            reply.entered_time.CopyFrom(membership.entered_time)
    return reply


async def _living(call: Call, contact_id: str) -> ContactFact:
    """Whole, as filters see it. Raises NotFound."""
    call.caller.reach(f"{CONTACT_FACTS.noun.permission}.read")
    found = await read(call, [parse_id(contact_id)])
    if not found or not found[0].living:
        raise CONTACT_FACTS.absent(contact_id)
    return found[0].fact


def _may_see(call: Call, condition: Condition) -> bool:
    try:
        filter_for(call, CONTACT_FACTS, condition.expression)
    except InvalidArgument:
        return False
    return True


def _told(service: Call, condition: Condition, fact: ContactFact) -> ExplainMembershipResponse.Condition:
    return ExplainMembershipResponse.Condition(
        expression=condition.expression,
        holds=meaning(service, condition.expression)(fact),
        value=value_of(fact, condition.field),
    )


async def _last(call: Call, request: ExplainMembershipRequest) -> SegmentMembership | None:
    view = call.view(SEGMENT_MEMBERSHIPS)
    binds = {"segment": request.id, "contact": request.contact_id}
    rows = await call.ask(("last membership", view.shape), lambda: _newest(view), binds)
    return SegmentMembership(**SEGMENT_MEMBERSHIPS.codec.fields(rows[0])) if rows else None


def _newest(view: View) -> Select[Any]:
    c = view.c
    here = c.segment_id == bindparam("segment", type_=Uuid), c.contact_id == bindparam("contact", type_=Uuid)
    return select(*view.columns).where(*here, c.delete_time.is_(None)).order_by(c.id.desc()).limit(1)
