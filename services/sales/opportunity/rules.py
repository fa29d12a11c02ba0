"""What is true of an opportunity, and how it moves; plain functions, tested without a server."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from google.type.date_pb2 import Date

from chassis.errors import FailedPrecondition, InvalidArgument
from kith.sales.v1.opportunity_pb2 import Opportunity
from kith.sales.v1.stage_change_pb2 import StageChange
from kith.sales.v1.stage_pb2 import Stage

CLOSING = {Stage.WON: Opportunity.WON, Stage.LOST: Opportunity.LOST}
VERBS = {Stage.WON: "won", Stage.LOST: "lost"}


class NotOpen(FailedPrecondition): ...


class NotClosed(FailedPrecondition): ...


class StageNotInPipeline(FailedPrecondition): ...


class StageNotOpen(FailedPrecondition): ...


class NoSuchStage(FailedPrecondition): ...


class NoOpenStage(FailedPrecondition): ...


class MissingFields(FailedPrecondition): ...


def check(opportunity: Opportunity) -> None:
    """What holds on every write."""
    if opportunity.amount.units < 0 or opportunity.amount.nanos < 0:
        raise InvalidArgument.of("amount", "cannot be negative")


def begin(opportunity: Opportunity, stage: Stage, now: datetime) -> None:
    """Stand in an open stage of its own pipeline. Raises StageNotInPipeline, StageNotOpen, MissingFields."""
    _refuse_foreign(opportunity, stage)
    if stage.outcome != Stage.OPEN:
        raise StageNotOpen(f"{stage.display_name} is where opportunities end", stage_id=stage.id)
    _stand_in(opportunity, stage, now)


def enter_stage(
    opportunity: Opportunity, stage: Stage, now: datetime, today: date, lost_reason: str = ""
) -> StageChange:
    """Put `opportunity` into `stage` and return what changed. Raises NotOpen, StageNotInPipeline, MissingFields."""
    if opportunity.state != Opportunity.OPEN:
        raise NotOpen(f"opportunity {opportunity.id} is closed", id=opportunity.id)
    _refuse_foreign(opportunity, stage)
    change = _step(opportunity, stage, now, today)
    _stand_in(opportunity, stage, now)
    if stage.outcome in CLOSING:
        opportunity.state = CLOSING[stage.outcome]
        opportunity.close_date.CopyFrom(_day(today))
        opportunity.closed_time.FromDatetime(now)
    if stage.outcome == Stage.LOST:
        opportunity.lost_reason = lost_reason
    return change


def reopen(opportunity: Opportunity, stage: Stage, now: datetime, today: date) -> StageChange:
    """Put a closed one back to work. Raises NotClosed, StageNotInPipeline, StageNotOpen, MissingFields."""
    if opportunity.state == Opportunity.OPEN:
        raise NotClosed(f"opportunity {opportunity.id} is open", id=opportunity.id)
    change = _step(opportunity, stage, now, today)
    begin(opportunity, stage, now)
    opportunity.state = Opportunity.OPEN
    for field in ("closed_time", "lost_reason"):
        opportunity.ClearField(field)
    return change


def stage_that_ends(stages: Sequence[Stage], outcome: Stage.Outcome.ValueType) -> Stage:
    """The first of a pipeline's stages with that outcome. Raises NoSuchStage."""
    for stage in stages:
        if stage.outcome == outcome:
            return stage
    name = Stage.Outcome.Name(outcome)
    raise NoSuchStage(f"the pipeline has no stage with outcome {name}", outcome=name)


def first_open_stage(stages: Sequence[Stage]) -> Stage:
    """Where a pipeline begins. Raises NoOpenStage."""
    for stage in stages:
        if stage.outcome == Stage.OPEN:
            return stage
    raise NoOpenStage("the pipeline has no stage to begin in")


def stage_to_resume(stages: Sequence[Stage], before: str) -> Stage:
    """The open stage it stood in `before`, else the pipeline's first. Raises NoOpenStage."""
    known = [stage for stage in stages if stage.id == before and stage.outcome == Stage.OPEN]
    return known[0] if known else first_open_stage(stages)


def verb_of(stage: Stage) -> str:
    return VERBS.get(stage.outcome, "stage_changed")


def _refuse_foreign(opportunity: Opportunity, stage: Stage) -> None:
    if stage.pipeline_id != opportunity.pipeline_id:
        raise StageNotInPipeline(f"stage {stage.id} is of another pipeline", stage_id=stage.id)


def _stand_in(opportunity: Opportunity, stage: Stage, now: datetime) -> None:
    populated = {field.name for field, _ in opportunity.ListFields()}
    if missing := sorted(set(stage.required_fields) - populated):
        needed = dict.fromkeys(missing, "is needed")
        raise MissingFields(f"{stage.display_name} needs {', '.join(missing)}", fields=needed)
    opportunity.stage_id = stage.id
    opportunity.win_probability_percent = stage.win_probability_percent
    opportunity.stage_entry_time.FromDatetime(now)


def _step(opportunity: Opportunity, stage: Stage, now: datetime, today: date) -> StageChange:
    """The line of the journal, from what holds before the step."""
    change = StageChange(
        opportunity_id=opportunity.id,
        pipeline_id=opportunity.pipeline_id,
        from_stage_id=opportunity.stage_id,
        to_stage_id=stage.id,
        change_date=_day(today),
        owner_id=opportunity.owner_id,
        team_id=opportunity.team_id,
    )
    if opportunity.HasField("amount"):
        change.amount.CopyFrom(opportunity.amount)
    if opportunity.HasField("stage_entry_time"):
        change.stage_duration.FromTimedelta(now - opportunity.stage_entry_time.ToDatetime(UTC))
    return change


def _day(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)
