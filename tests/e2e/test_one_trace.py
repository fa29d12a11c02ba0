"""One trace from the web request over the outbox and the event log to who hears of it, on both logs (quality 39)."""

import secrets
from typing import Any

import pytest

from chassis.events.bus import Message
from tests.e2e.spans import Span, Spans
from tests.e2e.suite import Suite, ok, until

SECONDS = 120.0
WON, OPENED = "kith.sales.opportunity.won.v1", "kith.service_desk.case.created.v1"
WEB, CALL = "kith-gateway HTTP POST", "kith-sales kith.sales.v1.Opportunities.WinOpportunity"


@pytest.mark.parametrize("log", ["suite", pytest.param("on_kafka", marks=pytest.mark.kafka)])
def test_what_a_win_leads_to_is_one_trace(request: pytest.FixtureRequest, spans: Spans, log: str) -> None:
    running: Suite = request.getfixturevalue(log)
    opportunity, browser = open_deal(running), secrets.token_hex(8)
    trace = secrets.token_hex(16)
    traceparent = f"00-{trace}-{browser}-01"
    with running.client() as admin:
        win = admin.post(f"/v1/opportunities/{opportunity['id']}:win", headers={"traceparent": traceparent})
        assert ok(win)["state"] == "WON"
        assert win.headers["traceparent"][3:35] == trace

    def opened() -> Message | None:
        return next((m for m in running.said("kith.service_desk.v1") if _is(m, OPENED, trace)), None)

    until(opened, SECONDS)  # the consumer's own event has the trace, and so had what it heard
    assert [m.key for m in running.said("kith.sales.v1") if _is(m, WON, trace)] == [opportunity["id"]]

    def recorded() -> dict[str, Span] | None:
        found = {f"{one.service} {one.name}": one for one in spans.of(trace)}
        return found if {WEB, CALL, *applied} <= found.keys() else None

    applied = {f"kith-{reader} {WON} applied" for reader in ("service_desk", "contacts")}
    found = until(recorded, SECONDS)  # each process sends its own when it likes
    assert (found[WEB].parent, found[CALL].parent) == (browser, found[WEB].id)
    assert {found[name].parent for name in applied} == {found[CALL].id}


def open_deal(running: Suite) -> dict[str, Any]:
    with running.client() as admin:
        until(lambda: ok(admin.get("/v1/pipelines"))["pipelines"], SECONDS)  # a new tenant gets one by an event
        stage = ok(admin.get("/v1/stages", params={"filter": "outcome = OPEN"}))["stages"][0]
        deal = {"displayName": "一笔生意", "pipelineId": stage["pipelineId"], "stageId": stage["id"]}
        return ok(admin.post("/v1/opportunities", json=deal))


def _is(message: Message, type: str, trace: str) -> bool:
    return message.headers["ce_type"] == type and message.headers.get("traceparent", "")[3:35] == trace
