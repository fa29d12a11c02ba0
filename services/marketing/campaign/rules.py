"""What is true of a campaign, and how it moves; plain functions, tested without a server."""

from datetime import datetime

from google.type.date_pb2 import Date

from chassis.errors import FailedPrecondition, InvalidArgument
from kith.marketing.v1.campaign_pb2 import AddMembersRequest, Campaign

GOING_ON = {Campaign.RUNNING, Campaign.PAUSED}
ENDED = {Campaign.COMPLETED, Campaign.CANCELLED}


class NotDraft(FailedPrecondition): ...


class NotRunning(FailedPrecondition): ...


class NotPaused(FailedPrecondition): ...


class CampaignEnded(FailedPrecondition): ...


def check(campaign: Campaign) -> None:
    """What holds on every write."""
    for field in ("budget", "actual_cost"):
        money = getattr(campaign, field)
        if money.units < 0 or money.nanos < 0:
            raise InvalidArgument.of(field, "cannot be negative")
    both = campaign.HasField("start_date") and campaign.HasField("end_date")
    if both and _day(campaign.end_date) < _day(campaign.start_date):
        raise InvalidArgument.of("end_date", "is before it begins")


def launch(campaign: Campaign, now: datetime) -> None:
    """Raises NotDraft."""
    if campaign.state != Campaign.DRAFT:
        raise NotDraft(f"campaign {campaign.id} was launched before, or called off", id=campaign.id)
    campaign.state = Campaign.RUNNING
    campaign.launch_time.FromDatetime(now)


def pause(campaign: Campaign) -> None:
    """Raises NotRunning."""
    if campaign.state != Campaign.RUNNING:
        raise NotRunning(f"campaign {campaign.id} does not run", id=campaign.id)
    campaign.state = Campaign.PAUSED


def resume(campaign: Campaign) -> None:
    """Raises NotPaused."""
    if campaign.state != Campaign.PAUSED:
        raise NotPaused(f"campaign {campaign.id} is not paused", id=campaign.id)
    campaign.state = Campaign.RUNNING


def complete(campaign: Campaign, now: datetime) -> None:
    """Raises NotRunning."""
    if campaign.state not in GOING_ON:
        raise NotRunning(f"campaign {campaign.id} does not run", id=campaign.id)
    _end(campaign, Campaign.COMPLETED, now)


def cancel(campaign: Campaign, now: datetime) -> None:
    """Raises CampaignEnded."""
    refuse_ended(campaign)
    _end(campaign, Campaign.CANCELLED, now)


def refuse_ended(campaign: Campaign) -> None:
    if campaign.state in ENDED:
        raise CampaignEnded(f"campaign {campaign.id} has ended", id=campaign.id)


def refuse_unclear(request: AddMembersRequest) -> None:
    """Raises InvalidArgument unless it names a segment or contacts, not both."""
    if bool(request.segment_id) == bool(request.contact_ids):
        problem = "name a segment or contacts" if not request.segment_id else "name a segment or contacts, not both"
        raise InvalidArgument.of("segment_id", problem)


def _end(campaign: Campaign, state: Campaign.State.ValueType, now: datetime) -> None:
    campaign.state = state
    campaign.end_time.FromDatetime(now)


def _day(day: Date) -> tuple[int, int, int]:
    return day.year, day.month, day.day
