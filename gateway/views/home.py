"""What one begins the day with: my open tasks, my pipeline by stage, my cases, my leads."""

from collections.abc import Mapping
from typing import Any

from gateway.views.parts import Got, Part, Parts

MINE, STAGES = 50, 200


def mine(rpc: str, takes: str, states: str, order_by: str = "") -> Part:
    """My records in any of the states."""
    among = " OR ".join(f"state = {state}" for state in states.split())

    def fields(subject: str, got: Got) -> Mapping[str, Any]:
        return {"filter": f"owner_id = me AND ({among})", "order_by": order_by, "page_size": MINE}

    return Part(rpc, fields, takes)


def _by_stage(subject: str, got: Got) -> Mapping[str, Any]:
    return {"filter": "owner_id = me AND state = OPEN", "group_by": ["stage_id"], "measures": ["sum(amount)"]}


def _stages(subject: str, got: Got) -> Mapping[str, Any] | None:
    ids = list(dict.fromkeys(key for row in got["pipeline"] for key in row["keys"][:1] if key))[:STAGES]
    return {"ids": ids} if ids else None


HOME: Parts = {
    "tasks": mine("kith.contacts.v1.Tasks.ListTasks", "tasks", "OPEN IN_PROGRESS", "due_time"),
    "pipeline": Part("kith.sales.v1.Opportunities.AggregateOpportunities", _by_stage, "rows"),
    "stages": Part("kith.sales.v1.Stages.BatchGetStages", _stages, "stages", needs=("pipeline",)),
    "cases": mine("kith.service_desk.v1.Cases.ListCases", "cases", "NEW OPEN PENDING_CUSTOMER"),
    "leads": mine("kith.sales.v1.Leads.ListLeads", "leads", "NEW WORKING QUALIFIED"),
}
