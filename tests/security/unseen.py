"""Houses in which, for each noun, somebody may not see it whole, and what a reply tells them of it."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from chassis.access.caller import Caller, Reach, Right
from chassis.resource.resource import Resource
from chassis.testing.postgres import Postgres
from tests.security.house import ACME, SERVICES, House, opened
from tests.security.makers import furnish, made

FIRST_OWN = 20  # numbers below are the standard fields, which everybody sees
NOUNS = [(name, resource) for name, service in SERVICES.items() for resource in service.nouns]
NAMES = [resource.noun.permission for _, resource in NOUNS]
RIGHTS = (Right.NONE, Right.MASKED)
WHOLE = "anything at all"  # what is no text is shown or not


@asynccontextmanager
async def houses_of(postgres: Postgres) -> AsyncIterator[dict[str, House]]:
    """One of each service, furnished, with those who do not see and a second revision of each record."""
    async with AsyncExitStack() as stack:
        houses = {name: await stack.enter_async_context(opened(one, postgres)) for name, one in SERVICES.items()}
        for house in houses.values():
            await furnish(house)
            for resource in house.served.service.nouns:
                for right in RIGHTS:
                    house.served.people[blind(resource, right)] = _somebody(resource, right)
                if "updated" in resource.noun.verbs and "display_name" in resource.noun.fields:
                    await _rename(house, resource)
        yield houses


def blind(resource: Resource[Any], right: Right) -> str:
    return f"{right.name} of {resource.noun.permission}"


def own_fields(resource: Resource[Any]) -> list[str]:
    return [name for name, field in resource.noun.fields.items() if field.descriptor.number >= FIRST_OWN]


def shown(reply: Message, resource: Resource[Any]) -> Iterator[str]:
    """The fields of that noun that say something, and those that are said to have changed, anywhere in a reply."""
    yield from (name for name, _ in told(reply, resource))
    for one in _all(reply):
        if one.DESCRIPTOR.name == f"{resource.noun.title}Event":
            yield from (name for name in one.changed_fields if name in own_fields(resource))


def told(reply: Message, resource: Resource[Any]) -> Iterator[tuple[str, str]]:
    """Each field of that noun with each text in it, anywhere in a reply; WHOLE for what is no text."""
    for one in _all(reply):
        if one.DESCRIPTOR is resource.noun.descriptor:
            for field, value in one.ListFields():
                if field.number >= FIRST_OWN:
                    yield from ((field.name, text) for text in _texts(field, value))


def can_tell(reply: Descriptor, resource: Resource[Any], seen: frozenset[str] = frozenset()) -> bool:
    """Whether that noun can stand in such a reply."""
    return reply is resource.noun.descriptor or any(
        can_tell(field.message_type, resource, seen | {reply.full_name})
        for field in reply.fields
        if field.message_type and field.message_type.full_name not in seen
    )


def _somebody(resource: Resource[Any], right: Right) -> Caller:
    noun = resource.noun.permission
    rights = {f"{noun}.{name}": right for name in own_fields(resource)}
    return Caller(ACME, uuid.uuid4(), {"*": Reach.TENANT}, field_rights=rights)


async def _rename(house: House, resource: Resource[Any]) -> None:
    if resource.noun.permission not in house.records:
        house.records[resource.noun.permission] = await made(house, resource.noun.permission)
    async with house.served.call("admin") as call:
        record = await resource.lock(call, house.records[resource.noun.permission].id)
        record.display_name += " II"
        house.records[resource.noun.permission] = await resource.save(call, record, verb="updated")


def _all(message: Message) -> Iterator[Any]:
    yield message
    for field, value in message.ListFields():
        if field.message_type and not field.message_type.GetOptions().map_entry:
            for one in value if field.is_repeated else [value]:
                yield from _all(one)


def _texts(field: FieldDescriptor, value: Any) -> Iterator[str]:
    for one in value if field.is_repeated else [value]:
        if field.type == FieldDescriptor.TYPE_STRING:
            yield one
        elif field.message_type and field.message_type.full_name in PEOPLES:
            yield from (text for part, text in one.ListFields() if part.name in PEOPLES[field.message_type.full_name])
        else:
            yield WHOLE


PEOPLES = {"kith.v1.EmailAddress": {"address"}, "kith.v1.PhoneNumber": {"number"}}  # shown in part, as texts are
