"""A field that somebody may not see is not there for them: in no reply, and for no question about it (S05, small)."""

import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from google.protobuf.message import Message

from chassis.access.caller import Caller, Reach, Right
from chassis.resource.references import at_home
from chassis.resource.resource import Resource
from chassis.resource.standard import Work
from chassis.testing.postgres import Postgres
from tests.security.asking import request_for
from tests.security.house import ACME, SERVICES, House, opened
from tests.security.makers import furnish, the
from tests.security.matrix import noun_of
from tests.security.test_matrix import LET_IN, ask

FIRST_OWN = 20  # numbers below are the standard fields, which everybody sees
NOUNS = [(name, resource) for name, service in SERVICES.items() for resource in service.nouns]
NAMES = [resource.noun.permission for _, resource in NOUNS]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def houses(postgres: Postgres) -> AsyncIterator[dict[str, House]]:
    async with AsyncExitStack() as stack:
        houses = {name: await stack.enter_async_context(opened(one, postgres)) for name, one in SERVICES.items()}
        for house in houses.values():
            await furnish(house)
            for resource in house.served.service.nouns:
                house.served.people[blind(resource)] = somebody_who_does_not_see(resource)
        yield houses


def blind(resource: Resource[Any]) -> str:
    return f"blind to {resource.noun.permission}"


def somebody_who_does_not_see(resource: Resource[Any]) -> Caller:
    noun = resource.noun.permission
    rights = {f"{noun}.{name}": Right.NONE for name in own_fields(resource)}
    return Caller(ACME, uuid.uuid4(), {"*": Reach.TENANT}, field_rights=rights)


def own_fields(resource: Resource[Any]) -> list[str]:
    return [name for name, field in resource.noun.fields.items() if field.descriptor.number >= FIRST_OWN]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "resource"), NOUNS, ids=NAMES)
async def test_no_reply_shows_a_hidden_field(houses: dict[str, House], service: str, resource: Resource[Any]) -> None:
    house, hidden, seen = houses[service], set(own_fields(resource)), 0
    for method in house.served.service.methods:
        if method.work is Work.STREAM or ".platform." in method.access.permission:
            continue
        request = await request_for(house, method)
        own = noun_of(method) == resource.noun.permission
        if own:
            _, reply, _ = await ask(house, method, "admin", request)
            seen += bool(reply is not None and any(shown(reply, resource)))
        code, reply, _ = await ask(house, method, blind(resource), request)
        assert code in LET_IN | {"PERMISSION_DENIED"} if own else code != "INTERNAL", (method.descriptor.name, code)
        if reply is not None:
            assert hidden.isdisjoint(shown(reply, resource)), method.descriptor.name
    assert seen, "nobody was shown anything"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "resource"), NOUNS, ids=NAMES)
async def test_no_question_is_answered_by_a_hidden_field(
    houses: dict[str, House], service: str, resource: Resource[Any]
) -> None:
    house, answered, asked = houses[service], 0, 0
    for method in house.served.service.methods:
        fields = method.descriptor.input_type.fields_by_name
        if noun_of(method) != resource.noun.permission or not {"order_by", "group_by"} & set(fields):
            continue
        for name in own_fields(resource):
            for question in questions(name, fields):
                code, _, _ = await ask(house, method, "admin", method.request(**question))
                answered, asked = answered + (code == "OK"), asked + 1
                code, _, told = await ask(house, method, blind(resource), method.request(**question))
                assert code == "INVALID_ARGUMENT", (method.descriptor.name, question, code)
                if "filter" in question:  # nor can it be told from one that never was
                    other = "z" * len(name)
                    nonsense = {"filter": question["filter"].replace(name, other, 1)}
                    nowhere = await ask(house, method, blind(resource), method.request(**nonsense))
                    assert re.sub(rf"(?<=by .){name}|(?<=by ..){name}", other, told) == nowhere[2]
    assert answered or not asked, "nobody was answered anything"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "resource"), NOUNS, ids=NAMES)
async def test_nothing_is_found_by_the_words_or_the_neighbours_of_a_hidden_field(
    houses: dict[str, House], service: str, resource: Resource[Any]
) -> None:
    house, record = houses[service], await the(houses[service], resource.noun.permission)
    for method in methods_of(house, resource):
        if (
            not method.descriptor.name.startswith("List")
            or "order_by" not in method.descriptor.input_type.fields_by_name
        ):
            continue
        for name in own_fields(resource):
            text = getattr(record, name)
            if resource.noun.fields[name].searchable and isinstance(text, str) and text:
                asked = method.request(filter=f'"{text}"')
                _, found, _ = await ask(house, method, "admin", asked)
                assert any(field.is_repeated for field, _ in found.ListFields()), f"{text} is found by nobody"
                code, found, _ = await ask(house, method, blind(resource), asked)
                assert code == "INVALID_ARGUMENT" or not found.ListFields(), (name, text)
        for name, field in resource.noun.fields.items():
            target = at_home(resource.noun, field.reference)
            if target is None or field.descriptor.is_repeated or not name.endswith("_id"):
                continue
            for there in own_fields(target):
                asked = method.request(filter=f"{name.removesuffix('_id')}.{there}:*")
                code, _, _ = await ask(house, method, blind(target), asked)
                assert code == "INVALID_ARGUMENT", (asked.filter, code)


def methods_of(house: House, resource: Resource[Any]) -> list[Any]:
    return [method for method in house.served.service.methods if noun_of(method) == resource.noun.permission]


def questions(name: str, fields: Any) -> Iterator[dict[str, Any]]:
    yield {"filter": f"{name}:*"}
    yield {"filter": f'{name} = "x"'}
    if "order_by" in fields:
        yield {"order_by": name}
    if "group_by" in fields:
        yield {"group_by": [name]}
        yield {"measures": [f"max({name})"]}
        yield {"measures": [f"count({name})"]}


def shown(reply: Message, resource: Resource[Any]) -> Iterator[str]:
    """The fields of that noun that say something, and those that are said to have changed, anywhere in a reply."""
    if reply.DESCRIPTOR is resource.noun.descriptor:
        yield from (field.name for field, _ in reply.ListFields() if field.number >= FIRST_OWN)
    if reply.DESCRIPTOR.name == f"{resource.noun.title}Event":
        yield from (name for name in reply.changed_fields if name in own_fields(resource))  # type: ignore[attr-defined]  # every event has them
    for field, value in reply.ListFields():
        if field.message_type and not field.message_type.GetOptions().map_entry:
            for one in value if field.is_repeated else [value]:
                yield from shown(one, resource)
