"""Making a qualified lead a contact of an account, with an opportunity: a saga across contacts and sales."""

from chassis.call import Call
from chassis.jobs.saga import Saga, SagaState, Step
from kith.sales.v1.lead_pb2 import ConvertLeadRequest
from kith.sales.v1.opportunity_pb2 import Opportunity
from sales.lead import customer, rules
from sales.lead.lead import LEADS
from sales.opportunity import rules as opportunity_rules
from sales.opportunity.opportunity import OPPORTUNITIES
from sales.pipeline.default import default_pipeline
from sales.pipeline.pipeline import PIPELINES
from sales.stage.of_pipeline import stages_of


async def reserve(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """Refuse what cannot be, before anything is made."""
    lead = await LEADS.lock(call, request.id, request.etag)
    rules.refuse_unconvertible(lead)
    rules.refuse_contradiction(request)
    if not request.without_opportunity:
        named = request.pipeline_id
        pipeline = await PIPELINES.get(call, named) if named else await default_pipeline(call)
        stage = opportunity_rules.first_open_stage(await stages_of(call, pipeline.id))
        saga.facts["pipeline"], saga.facts["stage"] = pipeline.id, stage.id


async def take_account(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """The account that was named, or the one of the lead's company, or a new one; none for a person without."""
    lead = await LEADS.get(call, request.id)
    account_id, is_new = await customer.account_of(call, lead, request.account_id, str(saga.id_for("account")))
    saga.facts["account"] = account_id
    if is_new:
        saga.facts["new_account"] = account_id


async def take_contact(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """The contact that was named, or a new one."""
    lead, made = await LEADS.get(call, request.id), str(saga.id_for("contact"))
    saga.facts["contact"] = await customer.contact_of(call, lead, request.contact_id, saga.facts["account"], made)
    if saga.facts["contact"] == made:
        saga.facts["new_contact"] = made


async def open_opportunity(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """In the pipeline's first open stage, for the lead's owner."""
    if request.without_opportunity:
        return
    lead = await LEADS.get(call, request.id)
    opportunity = Opportunity(
        display_name=request.opportunity_display_name or lead.company or lead.display_name,
        account_id=saga.facts["account"],
        contact_id=saga.facts["contact"],
        lead_id=lead.id,
        campaign_id=lead.campaign_id,
        pipeline_id=saga.facts["pipeline"],
        stage_id=saga.facts["stage"],
        source=lead.source,
        region=lead.region,
        owner_id=lead.owner_id,
        team_id=lead.team_id,
    )
    for name in ("amount", "close_date"):
        if request.HasField(name):
            getattr(opportunity, name).CopyFrom(getattr(request, name))
    stages = await stages_of(call, opportunity.pipeline_id)
    opportunity_rules.begin(opportunity, opportunity_rules.first_open_stage(stages), call.now)
    made = await OPPORTUNITIES.create(call, opportunity, id=str(saga.id_for("opportunity")))
    saga.facts["opportunity"] = made.id


async def finish(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """The lead is what it became."""
    lead = await LEADS.lock(call, request.id)
    rules.convert(lead, saga.facts["account"], saga.facts["contact"], saga.facts.get("opportunity", ""), call.now)
    await LEADS.save(call, lead, verb="converted")


async def forget_account(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """Only one that was made here: nobody's customer is deleted because a conversion failed."""
    if made := saga.facts.get("new_account"):
        await customer.forget_account(call, made)


async def forget_contact(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """As forget_account."""
    if made := saga.facts.get("new_contact"):
        await customer.forget_contact(call, made)


async def close_opportunity(call: Call, request: ConvertLeadRequest, saga: SagaState) -> None:
    """Away again."""
    if made := saga.facts.get("opportunity"):
        await OPPORTUNITIES.delete(call, made)


convert_lead = Saga(
    ConvertLeadRequest,
    answer=LEADS,
    once=True,
    steps=[
        Step(reserve),
        Step(take_account, undo=forget_account, remote=True),
        Step(take_contact, undo=forget_contact, remote=True),
        Step(open_opportunity, undo=close_opportunity),
        Step(finish),
    ],
)
