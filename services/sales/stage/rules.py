"""What is true of a stage."""

from chassis.errors import InvalidArgument
from kith.sales.v1.opportunity_pb2 import Opportunity
from kith.sales.v1.stage_pb2 import Stage

CERTAIN = {Stage.WON: 100, Stage.LOST: 0}


def check(stage: Stage) -> None:
    """What holds on every write: the end is certain, and only fields that exist can be required."""
    certain = CERTAIN.get(stage.outcome)
    if certain is not None:
        stage.win_probability_percent = certain
    known = Opportunity.DESCRIPTOR.fields_by_name
    if strange := [name for name in stage.required_fields if name not in known]:
        raise InvalidArgument.of("required_fields", f"an opportunity has no {', '.join(strange)}")
