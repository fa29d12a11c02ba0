"""What is not the sender's to say is not stored, whichever way it is said (S03)."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.api import field_behavior_pb2 as behavior
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from chassis.resource.references import RESOURCES
from chassis.resource.resource import Resource
from chassis.service import Method
from chassis.testing.postgres import Postgres
from tests.security.asking import request_for
from tests.security.house import RIVAL, SERVICES, House, opened
from tests.security.makers import fields_of, furnish, made
from tests.security.matrix import ROWS, Answer, answers, name_of, noun_of

OWNERSHIP = ("id", "create_time", "creator_id", "owner_id", "team_id")  # what no verb changes, but for TransferX
REFUSALS = {"INVALID_ARGUMENT", "PERMISSION_DENIED"}
UNKNOWN_NUMBER = 19_999
METHODS = [(service, method) for service in SERVICES.values() for method in service.methods]


def resource_in(method: Method) -> Resource[Any] | None:
    """The noun that the request carries, where it carries one."""
    resource = RESOURCES.get(noun_of(method))
    field = method.descriptor.input_type.fields_by_name.get(resource.noun.name) if resource else None
    return resource if resource and field and field.message_type is resource.noun.descriptor else None


def writers(prefix: str) -> list[tuple[str, Method, str]]:
    """Every rpc of that beginning that carries a noun, with each field of it that is not the sender's."""
    found = []
    for service, method in METHODS:
        resource = resource_in(method)
        if resource and method.descriptor.name.startswith(prefix) and name_of(method) not in SYSTEMS:
            found += [(service.name, method, name) for name in closed(resource, prefix)]
    return found


SYSTEMS = {"identity.Tenants.ProvisionTenant"}  # the platform's; tests/identity/test_platform.py


def closed(resource: Resource[Any], prefix: str) -> list[str]:
    """Output-only ones, ids, etags and owners; of what there is already also what is set but once."""
    names = resource.outputs | {"owner_id", "team_id"} & set(resource.noun.fields)
    return sorted(names | (resource.noun.having(behavior.IMMUTABLE) if prefix == "Update" else set()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def houses(postgres: Postgres) -> AsyncIterator[dict[str, House]]:
    async with AsyncExitStack() as stack:
        houses = {name: await stack.enter_async_context(opened(one, postgres)) for name, one in SERVICES.items()}
        for house in houses.values():
            await furnish(house)
        yield houses


def ids(cases: list[tuple[str, Method, str]]) -> list[str]:
    return [f"{name_of(method)}-{name}" for _, method, name in cases]


NEW = writers("Create") + writers("Log")  # an interaction is logged


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "method", "name"), NEW, ids=ids(NEW))
async def test_nothing_foreign_is_stored_in_a_new_record(
    houses: dict[str, House], service: str, method: Method, name: str
) -> None:
    house, resource = houses[service], resource_in(method)
    assert resource
    given = resource.message(**await fields_of(house, resource.noun.permission))
    planted = plant(given, name)
    request = method.request(**{resource.noun.name: given})
    code, reply = await ask(house, "scribe", method, with_unknown(request))
    assert code == "OK" or code in REFUSALS, code
    if code == "OK":
        record = getattr(reply, "api_key", reply)
        assert planted.isdisjoint(words(await stored(house, resource, record.id), name))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "method", "name"), writers("Update"), ids=ids(writers("Update")))
async def test_nothing_foreign_is_stored_by_an_update(
    houses: dict[str, House], service: str, method: Method, name: str
) -> None:
    house, resource = houses[service], resource_in(method)
    assert resource
    before = await fresh(house, resource)
    for mask in ({}, {"update_mask": {"paths": [name]}}, {"update_mask": {"paths": ["labels", name]}}):
        given = resource.message(id=before.id, labels={"seen": "yes"})
        if name != "id":
            plant(given, name)
        request = method.request(**{resource.noun.name: given}, **mask)
        code, _ = await ask(house, "scribe", method, with_unknown(request))
        assert code in ({"ABORTED"} if name == "etag" else REFUSALS if mask else REFUSALS | {"OK"}), (mask, code)
        after = await stored(house, resource, before.id)
        moved = {"etag", "update_time", "updater_id"}
        assert name in moved or getattr(after, name) == getattr(before, name), mask
        assert plant(resource.message(), name).isdisjoint(words(after, name))


VERBS = [
    (service.name, method, "")
    for service, method in METHODS
    if noun_of(method) in RESOURCES
    and "id" in method.descriptor.input_type.fields_by_name
    and answers(method)["rep"] is Answer.YES
    and answers(method)["viewer"] is Answer.DENIED
    and not resource_in(method)
    and name_of(method) not in ROWS
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "method", "_"), VERBS, ids=ids(VERBS))
async def test_a_verb_changes_nobody_but_by_what_it_asks_for(
    houses: dict[str, House], service: str, method: Method, _: str
) -> None:
    house, resource = houses[service], RESOURCES[noun_of(method)]
    before = await fresh(house, resource)
    smuggled = resource.message()
    for name in set(OWNERSHIP) & set(resource.noun.fields):
        plant(smuggled, name)
    asked = await request_for(house, method, before.id, trial=False)
    owners = {"owner_id", "team_id"} & set(asked.DESCRIPTOR.fields_by_name)
    raw = bytes(asked.SerializeToString()) + without(smuggled, asked).SerializeToString()
    code, _ = await ask(house, "rep", method, method.request.FromString(raw + unknown()))
    assert code in {"OK", "FAILED_PRECONDITION", "ALREADY_EXISTS"}, code
    after = await stored(house, resource, before.id)
    for name in (set(OWNERSHIP) & set(resource.noun.fields)) - owners:
        assert getattr(after, name) == getattr(before, name), name


async def fresh(house: House, resource: Resource[Any]) -> Any:
    """A record nobody else works on; there is but one tenant."""
    noun = resource.noun.permission
    return house.records[noun] if noun == "identity.tenant" else await made(house, noun)


async def stored(house: House, resource: Resource[Any], id: str) -> Any:
    async with house.served.call("admin") as call:
        return await resource.get(call, id, deleted=True)


async def ask(house: House, persona: str, method: Method, request: Message) -> tuple[str, Any]:
    try:
        return "OK", await getattr(house.as_(persona), method.descriptor.name)(request)
    except grpc.aio.AioRpcError as error:
        return error.code().name, None


PLANTED_ID = str(uuid.uuid4())


def plant(record: Message, name: str) -> set[str]:
    """Put something into a field that nobody would put there by chance; the words it can be told by."""
    field = record.DESCRIPTOR.fields_by_name[name]
    value = _planted(field)
    record.ClearField(name)
    record.MergeFrom(type(record)(**{name: [value] if field.is_repeated else value}))
    return words(record, name)


def words(record: Message, name: str) -> set[str]:
    """What stands in a field, as text; empty values tell nothing."""
    return {str(value) for field, value in record.ListFields() if field.name == name}


def _planted(field: Any) -> Any:
    if field.message_type:
        return {"google.protobuf.Timestamp": {"seconds": 1_234_567_890}, "kith.v1.Money": {"units": 98_765}}.get(
            field.message_type.full_name, {inner.name: _planted(inner) for inner in field.message_type.fields}
        )
    if field.enum_type:
        return field.enum_type.values[-1].number
    if field.type == FieldDescriptor.TYPE_BOOL:
        return True
    if field.type != FieldDescriptor.TYPE_STRING:
        return 98_765
    return str(RIVAL) if field.name == "tenant_id" else '"98765"' if field.name == "etag" else PLANTED_ID


def unknown() -> bytes:
    """A tenant and an owner, in fields that no contract has."""
    tag = (UNKNOWN_NUMBER << 3) | 2
    said = bytearray()
    while tag > 0x7F:
        said.append(tag & 0x7F | 0x80)
        tag >>= 7
    return bytes([*said, tag, len(str(RIVAL))]) + str(RIVAL).encode()


def with_unknown(request: Any) -> Any:
    found = type(request).FromString(request.SerializeToString() + unknown())
    assert len(UnknownFieldSet(found)) == 1
    return found


def without(smuggled: Any, asked: Any) -> Any:
    """Only what has a number that the request has no field for."""
    kept = type(smuggled)()
    kept.CopyFrom(smuggled)
    for field, _ in smuggled.ListFields():
        if field.number in asked.DESCRIPTOR.fields_by_number:
            kept.ClearField(field.name)
    return kept
