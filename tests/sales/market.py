"""Arranges in the words of sales."""

from dataclasses import dataclass, field
from typing import Any

from chassis.testing.serving import Client, Served
from kith.sales.v1.lead_pb2 import Lead
from kith.sales.v1.opportunity_pb2 import Opportunity

STAGES: list[tuple[str, str, dict[str, Any]]] = [
    ("new", "OPEN", {"win_probability_percent": 10}),
    ("proposal", "OPEN", {"win_probability_percent": 50}),
    ("won", "WON", {"required_fields": ["amount"]}),
    ("lost", "LOST", {}),
]


@dataclass
class Market:
    """A tenant with a default pipeline of four stages; `won` needs an amount."""

    served: Served
    pipeline: str = ""
    stages: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def furnished(cls, served: Served) -> "Market":
        market = cls(served)
        admin = served.as_("admin")
        market.pipeline = (await admin.CreatePipeline(pipeline={"display_name": "New business", "default": True})).id
        for position, (name, outcome, more) in enumerate(STAGES):
            stage = {"pipeline_id": market.pipeline, "display_name": name, "position": position, "outcome": outcome}
            market.stages[name] = (await admin.CreateStage(stage=stage | more)).id
        return market

    def as_(self, user: str) -> Client:
        return self.served.as_(user)

    async def opened(self, user: str = "rep", *, stage: str = "new", units: int = 0, **more: Any) -> Opportunity:
        given = {"display_name": "Ten robots", "pipeline_id": self.pipeline, "stage_id": self.stages[stage]} | more
        if units:
            given["amount"] = {"currency_code": "EUR", "units": units}
        made: Opportunity = await self.as_(user).CreateOpportunity(opportunity=given)
        return made

    async def lead(self, user: str = "rep", **more: Any) -> Lead:
        given = {"display_name": "张伟", "company": "北方机器人", "phones": [{"number": "13800138000"}]} | more
        made: Lead = await self.as_(user).CreateLead(lead=given)
        return made

    async def qualified(self, user: str = "rep", **more: Any) -> Lead:
        lead = await self.lead(user, **more)
        made: Lead = await self.as_(user).QualifyLead(id=lead.id)
        return made
