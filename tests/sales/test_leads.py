"""Leads: what may become of one (SA-01)."""

import pytest

from chassis.testing.bad_input import never_internal
from chassis.testing.serving import refusal
from kith.sales.v1.lead_pb2 import Lead
from tests.sales.market import Market

STATES = {
    "NEW": [],
    "WORKING": ["WorkLead"],
    "QUALIFIED": ["QualifyLead"],
    "DISQUALIFIED": ["DisqualifyLead"],
}
ALLOWED = {
    ("NEW", "WorkLead"): "WORKING",
    ("NEW", "QualifyLead"): "QUALIFIED",
    ("WORKING", "QualifyLead"): "QUALIFIED",
    **{(state, "DisqualifyLead"): "DISQUALIFIED" for state in ("NEW", "WORKING", "QUALIFIED")},
    ("DISQUALIFIED", "RecycleLead"): "NEW",
}
REFUSED = {
    ("WORKING", "WorkLead"): "NOT_NEW",
    ("QUALIFIED", "WorkLead"): "NOT_NEW",
    ("DISQUALIFIED", "WorkLead"): "NOT_NEW",
    ("QUALIFIED", "QualifyLead"): "ALREADY_QUALIFIED",
    ("DISQUALIFIED", "QualifyLead"): "NOT_OPEN",
    ("DISQUALIFIED", "DisqualifyLead"): "NOT_OPEN",
    **{(state, "RecycleLead"): "NOT_DISQUALIFIED" for state in ("NEW", "WORKING", "QUALIFIED")},
    **{(state, "ConvertLead"): "NOT_QUALIFIED" for state in ("NEW", "WORKING", "DISQUALIFIED")},
}
MORE = {"DisqualifyLead": {"reason": "No budget"}}


@pytest.mark.parametrize(("state", "rpc"), [*ALLOWED, *REFUSED])
async def test_every_step_is_taken_or_refused_by_name(market: Market, state: str, rpc: str) -> None:
    rep, lead = market.as_("rep"), await market.lead()
    for before in STATES[state]:
        lead = await getattr(rep, before)(id=lead.id, **MORE.get(before, {}))
    call = getattr(rep, rpc)(id=lead.id, **MORE.get(rpc, {}))
    if (state, rpc) in ALLOWED:
        assert Lead.State.Name((await call).state) == ALLOWED[state, rpc]
    else:
        assert (await refusal(call)).reason == REFUSED[state, rpc]
        assert await rep.GetLead(id=lead.id) == lead


async def test_a_phone_takes_its_one_form_and_is_found_by_it(market: Market) -> None:
    lead = await market.lead(phones=[{"number": "138 0013-8000 转 801"}])
    assert (lead.phones[0].number, lead.phones[0].extension) == ("+8613800138000", "801")
    for words in ("13800138000", "张伟", "zhangwei", "zw", "北方", "機器人"):
        assert [one.id for one in (await market.as_("rep").ListLeads(filter=words)).leads] == [lead.id], words


async def test_a_conversion_without_an_opportunity_says_nothing_of_one(market: Market) -> None:
    lead = await market.qualified()
    asked = {"without_opportunity": True, "opportunity_display_name": "Robots"}
    refused = await refusal(market.as_("rep").ConvertLead(id=lead.id, **asked))
    assert list(refused.fields) == ["opportunity_display_name"]


async def test_a_conversion_needs_a_pipeline_to_begin_in(market: Market) -> None:
    admin, lead = market.as_("admin"), await market.qualified()
    empty = (await admin.CreatePipeline(pipeline={"display_name": "Empty"})).id
    assert (await refusal(market.as_("rep").ConvertLead(id=lead.id, pipeline_id=empty))).reason == "NO_OPEN_STAGE"
    await admin.UpdatePipeline(pipeline={"id": market.pipeline}, update_mask={"paths": ["default"]})
    assert (await refusal(market.as_("rep").ConvertLead(id=lead.id))).reason == "NO_DEFAULT_PIPELINE"
    assert (await market.as_("rep").GetLead(id=lead.id)).state == Lead.QUALIFIED


async def test_nothing_anybody_sends_is_internal(market: Market) -> None:
    lead, opened = await market.lead("admin"), await market.opened("admin")
    ids = [lead.id, opened.id, market.pipeline, *market.stages.values()]
    await never_internal(market.served, "admin", ids, skip=lambda method: method.descriptor.name == "ConvertLead")
