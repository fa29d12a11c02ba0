"""The table of contents of sales."""

from chassis.resource.handover import hand_over
from chassis.service import Service
from sales.consumers.identity import HEARD_FROM_IDENTITY
from sales.lead.convert import convert_lead
from sales.lead.disqualify import disqualify_lead
from sales.lead.lead import LEADS
from sales.lead.qualify import qualify_lead
from sales.lead.recycle import recycle_lead
from sales.lead.work import work_lead
from sales.opportunity.create import create_opportunity
from sales.opportunity.lose import lose_opportunity
from sales.opportunity.move_stage import move_stage
from sales.opportunity.opportunity import OPPORTUNITIES, STAGE_CHANGES
from sales.opportunity.reopen import reopen_opportunity
from sales.opportunity.show_board import show_board
from sales.opportunity.win import win_opportunity
from sales.pipeline.delete import delete_pipeline
from sales.pipeline.pipeline import PIPELINES
from sales.stage.delete import delete_stage
from sales.stage.stage import STAGES

SERVICE = Service(
    "sales",
    nouns=[PIPELINES, STAGES, LEADS, OPPORTUNITIES, STAGE_CHANGES],
    verbs=[
        delete_pipeline,
        delete_stage,
        work_lead,
        qualify_lead,
        disqualify_lead,
        recycle_lead,
        convert_lead,
        create_opportunity,
        move_stage,
        win_opportunity,
        lose_opportunity,
        reopen_opportunity,
        show_board,
    ],
    consumers=HEARD_FROM_IDENTITY,
    jobs=[hand_over],
)
