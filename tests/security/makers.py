"""The least a record of each noun is made of; a noun without a row here fails every drill."""

import itertools
import uuid
from typing import Any
from uuid import UUID

from chassis.resource.references import RESOURCES
from chassis.resource.resource import Resource
from chassis.testing.later import event_of
from kith.contacts.v1.contact_pb2 import Contact, ContactEvent
from tests.security.house import ACME, CITY, NORTH, House

NUMBERS = itertools.count(1)
# "@sales.stage" is the house's own stage; "#" is a number of its own.
FIELDS: dict[str, dict[str, Any]] = {
    "identity.tenant": {"display_name": "Acme", "slug": "acme-#", "base_currency": "CNY"},
    "identity.user": {"email": "user#@acme.example", "display_name": "Somebody"},
    "identity.team": {"display_name": "Team #"},
    "identity.role": {"display_name": "Role #"},
    "identity.sharing_rule": {
        "display_name": "Rule #",
        "noun": "sales.lead",
        "filter": 'company = "EU"',
        "user_id": "@identity.user",
        "level": "READ",
    },
    "identity.session": {"state": "ACTIVE"},
    "identity.service_account": {"display_name": "Program #"},
    "identity.api_key": {"display_name": "Key #", "user_id": "@identity.user", "scopes": ["sales.lead.read"]},
    "identity.identity_provider": {
        "display_name": "Provider #",
        "issuer": "https://127.0.0.1/#",  # where nobody goes
        "client_id": "kith",
    },
    "identity.external_identity": {"identity_provider_id": "@identity.identity_provider", "subject": "s#"},
    "identity.audit_entry": {"action": "updated", "noun": "identity.user", "resource": "users/#", "reason": "NONE"},
    "identity.field_definition": {
        "object": "contacts.account",
        "code": "field_#",
        "type": "FIELD_TYPE_TEXT",
        "label_en": "Field #",
    },
    "identity.privacy_request": {"identifiers": "person#@example.com", "kind": "ERASE"},
    "identity.legal_hold": {"display_name": "Hold #", "reason": "Lawsuit"},
    "contacts.tag": {"display_name": "Tag #"},
    "contacts.account": {"display_name": "北方机器人 #"},
    "contacts.contact": {"display_name": "张伟 #"},
    "contacts.note": {"body": "Called", "contact_id": "@contacts.contact"},
    "contacts.task": {"display_name": "Call back"},
    "contacts.interaction": {
        "kind": "CALL",
        "summary": "Called",
        "interaction_time": {"seconds": 1_700_000_000},
        "contact_id": "@contacts.contact",
    },
    "contacts.saved_view": {"display_name": "Mine", "noun": "contacts.contact"},
    "contacts.import_job": {"noun": "contacts.contact", "file_name": "cards.csv"},
    "sales.pipeline": {"display_name": "Pipeline #"},
    "sales.stage": {"pipeline_id": "@sales.pipeline", "display_name": "Stage #", "position": 1, "outcome": "OPEN"},
    "sales.lead": {"display_name": "李娜", "company": "北方机器人"},
    "sales.opportunity": {
        "display_name": "Ten robots",
        "pipeline_id": "@sales.pipeline",
        "stage_id": "@sales.stage",
    },
    "sales.stage_change": {"opportunity_id": "@sales.opportunity", "to_stage_id": "@sales.stage"},
    "service_desk.queue": {"display_name": "Queue #"},
    "service_desk.case": {"display_name": "无法登录", "queue_id": "@service_desk.queue"},
    "service_desk.case_message": {"case_id": "@service_desk.case", "body": "Hello"},
    "marketing.campaign": {"display_name": "Spring #"},
    "marketing.campaign_member": {"campaign_id": "@marketing.campaign", "contact_id": "#uuid"},
    "marketing.segment": {"display_name": "Segment #", "filter": "last_won_time = this_year"},
    "marketing.segment_membership": {"segment_id": "@marketing.segment", "contact_id": "#uuid"},
    "marketing.contact_fact": {"display_name": "张伟"},
}


async def furnish(house: House) -> None:
    """Give the house one record of each noun, and identity everybody who is said to work there."""
    if house.served.service.name == "identity":
        await the(house, "identity.tenant")
        for name, id in (("North", NORTH), ("City", CITY)):
            await made(house, "identity.team", "admin", id=id, display_name=name)
        everything = await made(house, "identity.role", "admin", grants=[{"permission": "*", "reach": "TENANT"}])
        for persona, caller in house.served.people.items():
            if caller.tenant_id == ACME and persona != "key":
                roles = [everything.id] if persona == "admin" else []
                await made(house, "identity.user", "admin", id=caller.user_id, role_ids=roles)
    for resource in house.served.service.nouns:
        await the(house, resource.noun.permission)


async def the(house: House, noun: str) -> Any:
    """The house's own record of `noun`: the rep's, where it has an owner."""
    if noun not in house.records:
        house.records[noun] = await made(house, noun)
    return house.records[noun]


async def made(house: House, noun: str, persona: str = "rep", id: UUID | None = None, **more: Any) -> Any:
    """A new record of `noun`, written past the doors."""
    resource: Resource[Any] = RESOURCES[noun]
    fields = await fields_of(house, noun) | more
    if noun == "identity.tenant":
        id = house.served.people[persona].tenant_id
    if noun == "marketing.contact_fact":
        return await _heard(house, **fields)
    async with house.served.call(persona) as call:
        verbs = resource.noun.verbs
        verb = "created" if "created" in verbs or not verbs else min(verbs)  # an interaction is logged
        return await resource.create(call, resource.message(**fields), id=str(id or ""), verb=verb)


async def fields_of(house: House, noun: str) -> dict[str, Any]:
    """What a new one is made of, references filled in."""
    return {name: await _value(house, value) for name, value in FIELDS[noun].items()}


def refers(noun: str) -> list[str]:
    """The nouns that the least it is made of points at."""
    return [value[1:] for value in FIELDS[noun].values() if isinstance(value, str) and value.startswith("@")]


async def _heard(house: House, **fields: Any) -> Any:
    """Facts are only ever kept from what contacts tells."""
    contact = Contact(id=str(uuid.uuid4()), **fields)
    await house.served.hear(event_of(ACME, "contacts.contact.created", ContactEvent(after=contact)))
    listed = await house.as_("admin").ListContactFacts(filter=f'contact_id = "{contact.id}"')
    return listed.contact_facts[0]


async def _value(house: House, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value == "#uuid":
        return str(uuid.uuid4())
    if value.startswith("@"):
        return (await the(house, value[1:])).id
    return value.replace("#", str(next(NUMBERS)))
