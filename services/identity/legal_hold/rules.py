"""What a legal hold has to be, and whom it covers."""

from datetime import date

from chassis.errors import FailedPrecondition
from chassis.privacy.person import Known, identifiers_in
from kith.identity.v1.legal_hold_pb2 import LegalHold


class HoldReleased(FailedPrecondition): ...


def check(hold: LegalHold) -> None:
    """Raises InvalidArgument for what is no address and no number."""
    if hold.identifiers:
        identifiers_in(hold.identifiers)


def release(hold: LegalHold) -> None:
    """Raises HoldReleased."""
    if hold.state == LegalHold.RELEASED:
        raise HoldReleased(f"legal hold {hold.id} was released", id=hold.id)
    hold.state = LegalHold.RELEASED


def covers(hold: LegalHold, identifiers: str, person: Known, today: date) -> bool:
    """`identifiers` are the hold's own, opened; none are everybody."""
    if hold.state != LegalHold.PLACED:
        return False
    last = hold.until_date
    if hold.HasField("until_date") and date(last.year, last.month, last.day) < today:
        return False
    return not identifiers or identifiers_in(identifiers).meets(person)
