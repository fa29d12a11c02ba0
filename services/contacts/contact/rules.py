"""What is true of a contact; plain functions, tested without a server."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.type.date_pb2 import Date

from chassis.errors import InvalidArgument
from chassis.values.name import full_name
from contacts.reaching import settle_primary
from kith.contacts.v1.contact_pb2 import Contact


def check(contact: Contact) -> None:
    """What holds on every write, and what follows from it: the whole name, the primary ones, the account's ids."""
    if not contact.display_name.strip():
        contact.display_name = full_name(contact.family_name, contact.given_name)
    if not contact.display_name:
        raise InvalidArgument.of("display_name", "is required, or else a family or given name")
    settle_primary("emails", contact.emails)
    settle_primary("phones", contact.phones)
    _settle_affiliations(contact)
    if contact.time_zone:
        _refuse_no_zone(contact.time_zone)


def _settle_affiliations(contact: Contact) -> None:
    """The contact's account is that of the primary affiliation; where both are said, the account decides."""
    primary = [at for at, one in enumerate(contact.affiliations) if one.primary]
    if len(primary) > 1:
        raise InvalidArgument.of(f"affiliations[{primary[1]}].primary", "only one can be primary")
    for at, one in enumerate(contact.affiliations):
        if one.HasField("start_date") and one.HasField("end_date") and _day(one.start_date) > _day(one.end_date):
            raise InvalidArgument.of(f"affiliations[{at}].end_date", "is before it began")
    if primary and not contact.account_id:
        contact.account_id = contact.affiliations[primary[0]].account_id
    if contact.account_id:
        _make_primary(contact)
    contact.affiliated_account_ids[:] = dict.fromkeys(one.account_id for one in contact.affiliations)


def _make_primary(contact: Contact) -> None:
    theirs = [one for one in contact.affiliations if one.account_id == contact.account_id]
    first = theirs[0] if theirs else contact.affiliations.add(account_id=contact.account_id)
    if not any(one.primary for one in theirs):
        for one in contact.affiliations:
            one.primary = one is first


def following(before: Contact, given: Contact, named: set[str]) -> list[str]:
    """What has to change along with the `named` fields: put into `given`, and returned by name.

    The whole name follows its parts while it is made of them; the account follows where they work, and the other way
    round.
    """
    more = []
    derived = before.display_name == full_name(before.family_name, before.given_name)
    if {"family_name", "given_name"} & named and "display_name" not in named and derived:
        given.display_name = ""
        more.append("display_name")
    if "affiliations" in named and "account_id" not in named:
        given.account_id = ""
        more.append("account_id")
    if "account_id" in named and "affiliations" not in named and not given.account_id:
        given.affiliations.MergeFrom(before.affiliations)
        for one in given.affiliations:
            one.primary = False
        more.append("affiliations")
    return more


def _day(day: Date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _refuse_no_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidArgument.of("time_zone", "is no time zone of the IANA database") from None
