"""Arranges in the words of marketing: what the other services tell of customers, and what follows."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.testing.later import event_of, jobs_done
from chassis.testing.serving import Client, Served
from kith.contacts.v1.account_pb2 import Account, AccountEvent
from kith.contacts.v1.contact_pb2 import Contact, ContactEvent
from kith.identity.v1.tenant_pb2 import Tenant, TenantEvent
from kith.marketing.v1.campaign_pb2 import Campaign
from kith.marketing.v1.segment_membership_pb2 import SegmentMembershipEvent
from kith.marketing.v1.segment_pb2 import Segment
from kith.sales.v1.lead_pb2 import Lead, LeadEvent
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from kith.service_desk.v1.case_pb2 import Case, CaseEvent
from tests.marketing.people import ACME

WON_THIS_YEAR = "last_won_time = this_year"
EVENTS: dict[type[Message], tuple[str, type[Message]]] = {
    Account: ("contacts.account", AccountEvent),
    Contact: ("contacts.contact", ContactEvent),
    Tenant: ("identity.tenant", TenantEvent),
    Lead: ("sales.lead", LeadEvent),
    Opportunity: ("sales.opportunity", OpportunityEvent),
    Case: ("service_desk.case", CaseEvent),
}


@dataclass
class Crowd:
    """A tenant that reckons in yuan, and what it is told; each record's events count from 1."""

    served: Served
    tenant: UUID = ACME
    sequences: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    async def gathered(cls, served: Served) -> "Crowd":
        crowd = cls(served)
        await crowd.tells(Tenant(id=str(ACME), default_time_zone="Asia/Shanghai", base_currency="CNY"), "created")
        await jobs_done(served)  # or what the tenant's currency sets going would mend what a test puts out of order
        return crowd

    def as_(self, user: str) -> Client:
        return self.served.as_(user)

    async def tells(self, record: Any, verb: str = "updated", *, sequence: int = 0, at: datetime | None = None) -> str:
        """Let marketing hear that `record` is so by now; the record's id."""
        self.sequences[record.id] = sequence or self.sequences[record.id] + 1
        noun, message = EVENTS[type(record)]
        event: Any = message(after=record)
        await self.served.hear(event_of(self.tenant, f"{noun}.{verb}", event, self.sequences[record.id], at))
        return str(record.id)

    async def account(self, **more: Any) -> str:
        return await self.tells(Account(**{"id": new(), "display_name": "北方机器人"} | more), "created")

    async def contact(self, **more: Any) -> str:
        return await self.tells(Contact(**{"id": new(), "display_name": "张伟"} | more), "created")

    async def won(
        self, *, units: int = 100, currency: str = "CNY", base: str = "", at: datetime | None = None, **more: Any
    ) -> str:
        """An opportunity that was won, now unless `at` says when; `more` says with whom."""
        amount: dict[str, Any] = {"currency_code": currency, "units": units}
        if base or currency == "CNY":
            amount["base_amount"] = base or str(units)
        given = {"id": new(), "state": "WON", "amount": amount} | more
        opportunity = Opportunity(**given)
        opportunity.closed_time.FromDatetime(at or datetime.now(UTC))
        return await self.tells(opportunity, "won")

    async def segment(self, filter: str = WON_THIS_YEAR, **more: Any) -> Segment:
        given = {"display_name": f"Segment {new()}", "filter": filter} | more
        made: Segment = await self.as_("admin").CreateSegment(segment=given)
        return made

    async def campaign(self, user: str = "marketer", **more: Any) -> Campaign:
        made: Campaign = await self.as_(user).CreateCampaign(campaign={"display_name": "Spring", **more})
        return made

    async def members(self, segment_id: str) -> set[str]:
        """Who is in it now."""
        asked = f'segment_id = "{segment_id}" AND NOT left_time:*'
        listed = await self.as_("admin").ListSegmentMemberships(filter=asked, page_size=200)
        return {one.contact_id for one in listed.segment_memberships}

    async def steps(self) -> list[tuple[str, str, str]]:
        """Who entered and left, and why, oldest first."""
        events = await self.served.events("marketing.segment_membership")
        told = [SegmentMembershipEvent.FromString(payload) for _, payload in events]
        return [(one.verb, one.after.contact_id, one.after.leave_cause or one.after.cause) for one in told]


def new() -> str:
    return str(uuid.uuid4())
