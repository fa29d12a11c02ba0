"""How many a campaign addresses."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, func, select

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import NotFound
from marketing.campaign.campaign import CAMPAIGNS
from marketing.campaign_member.campaign_member import CAMPAIGN_MEMBERS
from marketing.tenant import as_tenant


async def member_count(call: Call, campaign_id: str) -> int:
    """Of all its members, whoever may see them."""
    (row,) = await call.ask("members of a campaign", _members, {"campaign": campaign_id})
    count: int = row["members"]
    return count


async def recount(call: Call, campaign_id: str) -> None:
    """Nobody needs the right to change a campaign for taking somebody out of it. Publishes `counted`."""
    service = await as_tenant(call)
    try:
        campaign = await CAMPAIGNS.lock(service, campaign_id)
    except NotFound:
        return  # it was put away; nobody counts its members
    campaign.member_count = await member_count(service, campaign_id)
    await CAMPAIGNS.save(service, campaign, verb="counted")


def _members() -> Select[Any]:
    table = CAMPAIGN_MEMBERS.table
    here = CAMPAIGN_MEMBERS.within(Reach.TENANT), table.c.campaign_id == bindparam("campaign", type_=Uuid)
    return select(func.count().label("members")).where(*here, table.c.delete_time.is_(None))
