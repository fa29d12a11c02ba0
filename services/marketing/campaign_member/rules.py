"""How far somebody comes in a campaign; plain functions, tested without a server."""

from datetime import datetime

from chassis.errors import FailedPrecondition
from kith.marketing.v1.campaign_member_pb2 import CampaignMember


class MemberOptedOut(FailedPrecondition): ...


class Backwards(FailedPrecondition): ...


def move(member: CampaignMember, state: CampaignMember.State.ValueType, now: datetime) -> None:
    """Forward, or out. Nothing where it is so already. Raises MemberOptedOut, Backwards."""
    if member.state == state:
        return
    if member.state == CampaignMember.OPTED_OUT:
        raise MemberOptedOut(f"member {member.id} wants no more of it", id=member.id)
    if state < member.state:  # the values are declared in the order of the way
        raise Backwards(f"member {member.id} came further than that", id=member.id)
    member.state = state
    member.state_change_time.FromDatetime(now)
