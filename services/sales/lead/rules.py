"""What is true of a lead, and what may become of it; plain functions, tested without a server."""

from datetime import datetime

from chassis.errors import FailedPrecondition, InvalidArgument
from kith.sales.v1.lead_pb2 import ConvertLeadRequest, Lead

OPEN = (Lead.NEW, Lead.WORKING, Lead.QUALIFIED)
ABOUT_OPPORTUNITY = ("pipeline_id", "opportunity_display_name", "amount", "close_date")


class NotNew(FailedPrecondition): ...


class NotOpen(FailedPrecondition): ...


class AlreadyQualified(FailedPrecondition): ...


class NotQualified(FailedPrecondition): ...


class NotDisqualified(FailedPrecondition): ...


class AlreadyConverted(FailedPrecondition): ...


def check(lead: Lead) -> None:
    """What holds on every write: one primary address and number at most."""
    for field in ("emails", "phones"):
        if sum(one.primary for one in getattr(lead, field)) > 1:
            raise InvalidArgument.of(field, "has more than one primary entry")


def work(lead: Lead) -> None:
    """Raises NotNew, AlreadyConverted."""
    _refuse_converted(lead)
    if lead.state != Lead.NEW:
        raise NotNew(f"lead {lead.id} is {Lead.State.Name(lead.state)}", id=lead.id)
    lead.state = Lead.WORKING


def qualify(lead: Lead) -> None:
    """Raises AlreadyQualified, NotOpen, AlreadyConverted."""
    _refuse_converted(lead)
    if lead.state == Lead.QUALIFIED:
        raise AlreadyQualified(f"lead {lead.id} is qualified", id=lead.id)
    _refuse_closed(lead)
    lead.state = Lead.QUALIFIED


def disqualify(lead: Lead, reason: str) -> None:
    """Raises NotOpen, AlreadyConverted."""
    _refuse_converted(lead)
    _refuse_closed(lead)
    lead.state, lead.disqualify_reason = Lead.DISQUALIFIED, reason


def recycle(lead: Lead) -> None:
    """Raises NotDisqualified, AlreadyConverted."""
    _refuse_converted(lead)
    if lead.state != Lead.DISQUALIFIED:
        raise NotDisqualified(f"lead {lead.id} is {Lead.State.Name(lead.state)}", id=lead.id)
    lead.state, lead.disqualify_reason = Lead.NEW, ""


def refuse_unconvertible(lead: Lead) -> None:
    """Raises NotQualified, AlreadyConverted."""
    _refuse_converted(lead)
    if lead.state != Lead.QUALIFIED:
        raise NotQualified(f"lead {lead.id} is {Lead.State.Name(lead.state)}", id=lead.id)


def refuse_contradiction(request: ConvertLeadRequest) -> None:
    """Raises InvalidArgument where no opportunity is wanted and yet something is said of one."""
    said = {field.name for field, _ in request.ListFields()}
    if request.without_opportunity and (theirs := [name for name in ABOUT_OPPORTUNITY if name in said]):
        problems = dict.fromkeys(theirs, "is said of an opportunity that is not wanted")
        raise InvalidArgument(f"{', '.join(theirs)} with without_opportunity", fields=problems)


def convert(lead: Lead, account_id: str, contact_id: str, opportunity_id: str, now: datetime) -> None:
    """Raises NotQualified, AlreadyConverted."""
    refuse_unconvertible(lead)
    lead.state = Lead.CONVERTED
    lead.account_id, lead.contact_id, lead.opportunity_id = account_id, contact_id, opportunity_id
    lead.convert_time.FromDatetime(now)


def _refuse_converted(lead: Lead) -> None:
    if lead.state == Lead.CONVERTED:
        raise AlreadyConverted(f"lead {lead.id} is converted", id=lead.id)


def _refuse_closed(lead: Lead) -> None:
    if lead.state not in OPEN:
        raise NotOpen(f"lead {lead.id} is {Lead.State.Name(lead.state)}", id=lead.id)
