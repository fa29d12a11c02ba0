"""Two changes of which others are to hear: when they have, everything before them has arrived as well."""

import asyncio
import time
import uuid
from dataclasses import dataclass

import httpx

from tests.e2e.suite import ok, until
from tests.faults.logs import Log, topics_of

SAID_SECONDS, HEARD_SECONDS = 120.0, 240.0  # a busy machine takes its time


@dataclass(frozen=True)
class Mark:
    """A deal that was won, of which the service desk hears, and a contact that was made, of which marketing does."""

    opportunity_id: str
    contact_id: str

    def is_heard(self, client: httpx.Client) -> bool:
        if client.get(f"/v1/contactFacts/{self.contact_id}").status_code != 200:
            return False
        return has(client, "cases", f'opportunity_id = "{self.opportunity_id}"')


def left(client: httpx.Client) -> Mark:
    """By now all it needs of sales and contacts is written."""
    deal = opened(client)
    contact = ok(client.post("/v1/contacts", json={"displayName": f"mark {uuid.uuid4()}"}))
    ok(client.post(f"/v1/opportunities/{deal}:win"))
    return Mark(deal, contact["id"])


def opened(client: httpx.Client, **more: str) -> str:
    """A deal's id."""
    stage = ok(client.get("/v1/stages", params={"filter": "outcome = OPEN"}))["stages"][0]
    deal = {"displayName": "mark", "pipelineId": stage["pipelineId"], "stageId": stage["id"], **more}
    id: str = ok(client.post("/v1/opportunities", json=deal))["id"]
    return id


def heard(client: httpx.Client, mark: Mark) -> float:
    """The seconds from now until both are. Raises AssertionError."""
    began = time.monotonic()
    until(lambda: mark.is_heard(client), HEARD_SECONDS)
    return time.monotonic() - began


def said(log: Log, mark: Mark) -> float:
    """The seconds from now until both are on their topics. Raises AssertionError."""
    began = time.monotonic()
    until(lambda: _keys(log, mark) == {mark.opportunity_id, mark.contact_id}, SAID_SECONDS, every=0.3)
    return time.monotonic() - began


def _keys(log: Log, mark: Mark) -> set[str]:
    topics = topics_of(("sales", "contacts"))
    found = asyncio.run(log.said(topics, [mark.opportunity_id, mark.contact_id]))
    ends = ".opportunity.won.v1", ".contact.created.v1"
    return {one.key for one in found if one.headers.get("ce_type", "").endswith(ends)}


def has(client: httpx.Client, plural: str, filter: str) -> bool:
    """Whether there is any such record."""
    return bool(ok(client.get(f"/v1/{plural}", params={"filter": filter}))[plural])
