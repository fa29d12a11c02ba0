"""Who is to be addressed by a campaign and is not yet."""

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, any_, bindparam, exists, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import InvalidArgument
from kith.marketing.v1.campaign_member_pb2 import CampaignMember
from kith.marketing.v1.campaign_pb2 import AddMembersRequest
from marketing.campaign_member.campaign_member import CAMPAIGN_MEMBERS
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.segment_membership.segment_membership import SEGMENT_MEMBERSHIPS


async def next_members(call: Call, request: AddMembersRequest, at_once: int) -> list[CampaignMember]:
    """Of the segment or the contacts of `request`, by id: those who live, are no members, and never opted out."""
    by_segment = bool(request.segment_id)
    binds = {
        "campaign": request.id,
        "segment": request.segment_id or None,
        "contacts": [UUID(id) for id in request.contact_ids],
        "at_once": at_once,
    }
    rows = await call.ask(("to be members", by_segment), lambda: _not_yet(by_segment=by_segment), binds)
    return [
        CampaignMember(
            campaign_id=request.id,
            contact_id=str(row["id"]),
            account_id=str(row["account_id"] or ""),
            display_name=row["display_name"],
        )
        for row in rows
    ]


async def refuse_unknown(call: Call, request: AddMembersRequest) -> None:
    """Raises InvalidArgument naming every contact that is not there."""
    rows = await call.ask("known contacts", _known, {"contacts": [UUID(id) for id in request.contact_ids]})
    known = {str(row["id"]) for row in rows}
    unknown = [f"contact_ids[{at}]" for at, id in enumerate(request.contact_ids) if id not in known]
    if unknown:
        raise InvalidArgument(f"{', '.join(unknown)}: nobody known", fields=dict.fromkeys(unknown, "points at nothing"))


def _named() -> Any:
    return CONTACT_FACTS.table.c.id == any_(bindparam("contacts", type_=ARRAY(Uuid)))


def _known() -> Select[Any]:
    table = CONTACT_FACTS.table
    return select(table.c.id).where(CONTACT_FACTS.within(Reach.TENANT), _named(), table.c.delete_time.is_(None))


def _not_yet(*, by_segment: bool) -> Select[Any]:
    fact, member = CONTACT_FACTS.table, CAMPAIGN_MEMBERS.table
    out = or_(member.c.delete_time.is_(None), member.c.state == "OPTED_OUT")
    here = member.c.campaign_id == bindparam("campaign", type_=Uuid), member.c.contact_id == fact.c.id
    already = exists(select(literal_column("1")).where(CAMPAIGN_MEMBERS.within(Reach.TENANT), *here, out))
    found = select(fact.c.id, fact.c.account_id, fact.c.display_name)
    found = found.where(CONTACT_FACTS.within(Reach.TENANT), fact.c.delete_time.is_(None), ~already)
    found = found.where(_in_segment() if by_segment else _named())
    return found.order_by(fact.c.id).limit(bindparam("at_once", type_=Integer))


def _in_segment() -> Any:
    table = SEGMENT_MEMBERSHIPS.table
    standing = SEGMENT_MEMBERSHIPS.within(Reach.TENANT), table.c.left_time.is_(None), table.c.delete_time.is_(None)
    here = table.c.segment_id == bindparam("segment", type_=Uuid), table.c.contact_id == CONTACT_FACTS.table.c.id
    return exists(select(literal_column("1")).where(*standing, *here))
