"""A request for any RPC, from its descriptor: right in itself, about the house's own records, and on trial only."""

import uuid
from typing import Any

from google.api import field_behavior_pb2 as behavior
from google.protobuf.descriptor import FieldDescriptor

from buf.validate import validate_pb2
from chassis.resource.references import RESOURCES
from chassis.service import Method
from kith.v1 import options_pb2
from tests.security.house import House
from tests.security.makers import fields_of, the
from tests.security.matrix import name_of, noun_of

STANDARD = {"id", "ids", "etag", "request_id", "validate_only", "page_size", "page_token", "filter", "read_time"}
PASSWORD = "correct horse battery"
# Of which noun access is explained.
EXPLAINED = {
    "identity": "identity.session",
    "contacts": "contacts.contact",
    "sales": "sales.lead",
    "service_desk": "service_desk.case",
    "marketing": "marketing.campaign",
}
# What no descriptor says.
SPECIAL: dict[str, dict[str, Any]] = {
    "identity.Authentication.SignIn": {"email": "nobody@acme.example", "password": PASSWORD, "tenant_slug": "acme"},
    "identity.Accounts.RequestEmailChange": {"email": "new@acme.example", "current_password": PASSWORD},
    "identity.Tenants.ProvisionTenant": {
        "tenant": {"display_name": "New", "slug": "new", "base_currency": "EUR"},
        "provision_id": "one",
        "admin_email": "ada@new.example",
        "admin_display_name": "Ada",
        "admin_password": PASSWORD,
    },
    "contacts.ImportJobs.CreateImportJob": {"content": b"name\nAda\n"},
    "contacts.ImportJobs.AppendImportContent": {"content": b"Ada\n", "offset": 0},
    "marketing.Campaigns.AddMembers": {"contact_ids": ["@marketing.contact_fact.contact_id"]},
    "marketing.Segments.PreviewSegment": {"filter": "display_name:*"},
    "marketing.Segments.ExplainMembership": {"contact_id": "@marketing.contact_fact.contact_id"},
    "sales.Leads.ConvertLead": {"without_opportunity": True},
    **{
        f"{service}.Access.Preview{service.title().replace('_', '')}Access": {"role": {"display_name": "Any"}}
        for service in EXPLAINED
    },
}


async def request_for(house: House, method: Method, id: str = "", *, trial: bool = True) -> Any:
    """About the record `id`, or the house's own."""
    input, noun = method.descriptor.input_type, noun_of(method)
    given: dict[str, Any] = {}
    record: Any = await the(house, noun) if noun in RESOURCES else None
    for field in input.fields:
        if field.name == "id" and not field.has_presence:
            given["id"] = id or (record.id if record else await _id_for(house, method))
        elif field.name == "pipeline_id" and method.access.permission.endswith(".read"):
            given[field.name] = id or house.records["sales.pipeline"].id
        elif field.name == "identity_provider_id":
            given[field.name] = id or (await the(house, "identity.identity_provider")).id
        elif field.name == "record_id":
            explained = EXPLAINED[house.served.service.name]
            given |= {"record_id": id or (await the(house, explained)).id, "permission": f"{explained}.read"}
        elif field.name == "ids":
            given["ids"] = [id or record.id]
        elif field.name == "filter" and record:
            given["filter"] = f'id = "{id or record.id}"'
        elif field.name == "validate_only":
            given["validate_only"] = trial
        elif field.message_type and noun in RESOURCES and field.message_type is RESOURCES[noun].noun.descriptor:
            given[field.name] = await _record(house, method, noun, id or record.id)
        elif field.name not in {*STANDARD, *given, *SPECIAL.get(name_of(method), {})} and _is_needed(field):
            given[field.name] = await _value(house, field)
    if method.descriptor.name == "DeactivateUser":
        given["successor_id"] = await _value(house, input.fields_by_name["successor_id"])
    if method.descriptor.name.startswith(("Share", "Unshare")) and noun in RESOURCES:
        given["user_id"] = str(house.served.people["admin"].user_id)
    if "measures" in input.fields_by_name:
        given["measures"] = ["count"]
    special = {name: _filled(house, value) for name, value in SPECIAL.get(name_of(method), {}).items()}
    return method.request(**given | special)


async def _id_for(house: House, method: Method) -> str:
    """Of a user, or, where access is previewed, of a role, which only identity has."""
    if method.descriptor.containing_service.name != "Access":
        return str((await the(house, "identity.user")).id)
    return str((await the(house, "identity.role")).id) if house.served.service.name == "identity" else absent_id()


def absent_id() -> str:
    """One that stands for nothing, anywhere."""
    return str(uuid.uuid4())


async def _record(house: House, method: Method, noun: str, id: str) -> dict[str, Any]:
    if method.descriptor.name.startswith("Update"):
        return {"id": id, "labels": {"seen": "yes"}}
    return await fields_of(house, noun)


def _filled(house: House, value: Any) -> Any:
    """`@marketing.contact_fact.contact_id` is that field of the house's own."""
    if isinstance(value, list):
        return [_filled(house, one) for one in value]
    if isinstance(value, str) and value.startswith("@"):
        noun, _, name = value[1:].rpartition(".")
        return getattr(house.records[noun], name)
    return value


def _is_needed(field: FieldDescriptor) -> bool:
    options = field.GetOptions()
    rules = options.Extensions[validate_pb2.field]
    always = rules.string.uuid and rules.ignore != validate_pb2.IGNORE_IF_ZERO_VALUE and not field.has_presence
    return bool(always or behavior.REQUIRED in options.Extensions[behavior.field_behavior] or rules.string.min_len)


async def _value(house: House, field: FieldDescriptor) -> Any:
    options = field.GetOptions()
    target = options.Extensions[options_pb2.reference]
    if target in RESOURCES and RESOURCES[target].noun.service == house.served.service.name:
        return str(house.served.people["admin"].user_id) if target == "identity.user" else (await the(house, target)).id
    if field.enum_type:
        return field.enum_type.values[1].number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"x" * 32
    assert not field.message_type, f"{field.full_name}: say in SPECIAL what stands there"
    uuid_wanted = target or options.Extensions[validate_pb2.field].string.uuid
    return str(uuid.uuid4()) if uuid_wanted else PASSWORD
