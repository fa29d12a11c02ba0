"""The whole customer in one reply: a contact or an account, and everything that happened with them."""

from collections.abc import Mapping
from typing import Any

from gateway.views.parts import Got, Part, Parts

TIMELINE, LISTED, NAMED = 50, 50, 200
INTERACTIONS = "kith.contacts.v1.Interactions.ListInteractions"


def lists(rpc: str, takes: str, field: str, order_by: str = "", condition: str = "", size: int = LISTED) -> Part:
    """The records of a noun whose `field` names the view's subject; one that ends with a colon holds several."""
    names = field if field.endswith(":") else f"{field} = "

    def fields(subject: str, got: Got) -> Mapping[str, Any]:
        return {"filter": f'{names}"{subject}"{condition}', "order_by": order_by, "page_size": size}

    return Part(rpc, fields, takes)


def named(rpc: str, takes: str, need: str, field: str) -> Part:
    """The records that `field` of the part `need` points at, each once."""

    def fields(subject: str, got: Got) -> Mapping[str, Any] | None:
        pointing = got[need] if isinstance(got[need], list) else _affiliations(got[need])
        ids = list(dict.fromkeys(one[field] for one in pointing if one.get(field)))[:NAMED]
        return {"ids": ids} if ids else None

    return Part(rpc, fields, takes, needs=(need,))


def _affiliations(contact: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Where a contact works, the primary account first."""
    return [{"accountId": contact.get("accountId")}, *contact.get("affiliations", [])]


def _the_one(subject: str, got: Got) -> Mapping[str, Any]:
    return {"id": subject}


def about(field: str) -> dict[str, Part]:
    """What both overviews have: everything whose `field` is the subject."""
    return {
        "timeline": lists(INTERACTIONS, "interactions", field, "interaction_time desc", size=TIMELINE),
        "opportunities": lists("kith.sales.v1.Opportunities.ListOpportunities", "opportunities", field),
        "cases": lists("kith.service_desk.v1.Cases.ListCases", "cases", field),
        "tasks": lists("kith.contacts.v1.Tasks.ListTasks", "tasks", field),
        "notes": lists("kith.contacts.v1.Notes.ListNotes", "notes", field),
        "campaignMemberships": lists(
            "kith.marketing.v1.CampaignMembers.ListCampaignMembers", "campaignMembers", field
        ),
        "campaigns": named(
            "kith.marketing.v1.Campaigns.BatchGetCampaigns", "campaigns", "campaignMemberships", "campaignId"
        ),
    }  # fmt: skip


CONTACT: Parts = {
    "contact": Part("kith.contacts.v1.Contacts.GetContact", _the_one, required=True, seconds=5.0),
    "accounts": named("kith.contacts.v1.Accounts.BatchGetAccounts", "accounts", "contact", "accountId"),
    **about("contact_id"),
    "segmentMemberships": lists(
        "kith.marketing.v1.SegmentMemberships.ListSegmentMemberships",
        "segmentMemberships",
        "contact_id",
        condition=" AND NOT left_time:*",
    ),
    "segments": named("kith.marketing.v1.Segments.BatchGetSegments", "segments", "segmentMemberships", "segmentId"),
}
ACCOUNT: Parts = {
    "account": Part("kith.contacts.v1.Accounts.GetAccount", _the_one, required=True, seconds=5.0),
    "contacts": lists("kith.contacts.v1.Contacts.ListContacts", "contacts", "affiliated_account_ids:", "display_name"),
    "children": lists("kith.contacts.v1.Accounts.ListAccounts", "accounts", "parent_id", "display_name"),
    **about("account_id"),
}
