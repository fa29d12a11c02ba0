"""Arranges in the words of the service desk."""

import uuid
from dataclasses import dataclass
from typing import Any

from chassis.testing.later import event_of
from chassis.testing.serving import Client, Served
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from kith.service_desk.v1.case_pb2 import Case, CaseEvent
from tests.service_desk.people import ACME, FIELD, SUPPORT

# How a case comes to be in each state.
WAYS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "NEW": [],
    "OPEN": [("ReplyToCase", {"body": "Let me look"})],
    "PENDING_CUSTOMER": [("ReplyToCase", {"body": "Which version?", "wait_for_customer": True})],
    "RESOLVED": [("ResolveCase", {"resolution": "Restarted it"})],
    "CLOSED": [("ResolveCase", {"resolution": "Restarted it"}), ("CloseCase", {})],
    "CANCELLED": [("CancelCase", {"reason": "Spam"})],
}


@dataclass
class Desk:
    """A tenant with a default queue served by support, and one served by the field."""

    served: Served
    queue: str = ""
    field: str = ""

    @classmethod
    async def furnished(cls, served: Served) -> "Desk":
        admin = served.as_("admin")
        first = {"display_name": "Support", "serving_team_id": str(SUPPORT), "default": True}
        second = {"display_name": "Field", "serving_team_id": str(FIELD)}
        queues = [(await admin.CreateQueue(queue=queue)).id for queue in (first, second)]
        return cls(served, *queues)

    def as_(self, user: str) -> Client:
        return self.served.as_(user)

    def id_of(self, user: str) -> str:
        return str(self.served.people[user].user_id)

    async def opened(self, user: str = "agent", state: str = "NEW", **more: Any) -> Case:
        case: Case = await self.as_(user).CreateCase(case={"display_name": "无法登录", **more})
        for rpc, given in WAYS[state]:
            case = await getattr(self.as_(user), rpc)(id=case.id, **given)
        assert Case.State.Name(case.state) == state
        return case

    async def win(self, *, name: str = "Ten robots", sequence: int = 3, **more: Any) -> Opportunity:
        """Let the desk hear that an opportunity was won; `more` may name the same one again."""
        given = {"id": str(uuid.uuid4()), "owner_id": self.id_of("seller"), "account_id": str(uuid.uuid4())} | more
        won = Opportunity(display_name=name, state=Opportunity.WON, **given)
        event = OpportunityEvent(after=won, before=Opportunity(id=won.id))
        await self.served.hear(event_of(ACME, "sales.opportunity.won", event, sequence))
        return won

    async def case_events(self) -> list[tuple[str, CaseEvent]]:
        """Verb and event, oldest first."""
        events = [CaseEvent.FromString(payload) for _, payload in await self.served.events("service_desk.case")]
        return [(event.verb, event) for event in events]
