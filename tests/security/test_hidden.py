"""A field that somebody may not see is not there for them, and a masked one in part only: in no reply, in no page of
history, and for no question about it (S05, small)."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from chassis.access.caller import Right
from chassis.resource.references import at_home
from chassis.resource.resource import Resource
from chassis.resource.standard import Work
from chassis.testing.postgres import Postgres
from tests.security.asking import request_for
from tests.security.house import House
from tests.security.makers import the
from tests.security.matrix import noun_of
from tests.security.test_matrix import LET_IN, ask
from tests.security.unseen import NAMES, NOUNS, RIGHTS, WHOLE, blind, can_tell, houses_of, own_fields, shown, told

# What is asked of others before anything is shown: a provider where nobody goes, and identity, which knows no blind.
OTHERWISE = {"TestIdentityProvider": "UNAVAILABLE", "CreateExternalIdentity": "INVALID_ARGUMENT"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def houses(postgres: Postgres) -> AsyncIterator[dict[str, House]]:
    async with houses_of(postgres) as found:
        yield found


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "resource"), NOUNS, ids=NAMES)
async def test_no_reply_shows_a_hidden_field(houses: dict[str, House], service: str, resource: Resource[Any]) -> None:
    house, hidden, seen = houses[service], set(own_fields(resource)), set[str]()
    for method in house.served.service.methods:
        if method.work is Work.STREAM or ".platform." in method.access.permission:
            continue
        request = await request_for(house, method)
        own = noun_of(method) == resource.noun.permission
        if own:
            _, reply, _ = await ask(house, method, "admin", request)
            if reply is not None and any(shown(reply, resource)):
                seen.add(method.descriptor.name)
        code, reply, _ = await ask(house, method, blind(resource, Right.NONE), request)
        let_in = LET_IN | {"PERMISSION_DENIED", OTHERWISE.get(method.descriptor.name, "")}
        assert code in let_in if own else code != "INTERNAL", (method.descriptor.name, code)
        if reply is not None:
            assert hidden.isdisjoint(shown(reply, resource)), method.descriptor.name
    assert seen, "nobody was shown anything"
    history = f"List{resource.noun.title}Revisions"
    assert history in seen or history not in house.served.methods


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "resource"), NOUNS, ids=NAMES)
async def test_no_reply_shows_a_masked_field_whole(
    houses: dict[str, House], service: str, resource: Resource[Any]
) -> None:
    house, masked = houses[service], 0
    for method in house.served.service.methods:
        platform = ".platform." in method.access.permission
        if method.work is Work.STREAM or platform or not can_tell(method.descriptor.output_type, resource):
            continue
        request = await request_for(house, method)
        _, whole, _ = await ask(house, method, "admin", request)
        _, reply, _ = await ask(house, method, blind(resource, Right.MASKED), request)
        if reply is not None and whole is not None:
            part = set(told(reply, resource))
            assert part.isdisjoint(told(whole, resource)), method.descriptor.name
            assert WHOLE not in {text for _, text in part}, method.descriptor.name
            masked += len(part)
    texts = [name for name, text in told(await the(house, resource.noun.permission), resource) if text != WHOLE]
    assert masked or not texts, "nothing was ever shown in part"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("right", RIGHTS, ids=[right.name for right in RIGHTS])
@pytest.mark.parametrize(("service", "resource"), NOUNS, ids=NAMES)
async def test_no_question_is_answered_by_a_hidden_field(
    houses: dict[str, House], service: str, resource: Resource[Any], right: Right
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
                code, _, told = await ask(house, method, blind(resource, right), method.request(**question))
                assert code == "INVALID_ARGUMENT", (method.descriptor.name, question, code)
                if "filter" in question and right is Right.NONE:  # nor can it be told from one that never was
                    other = "z" * len(name)
                    nonsense = {"filter": question["filter"].replace(name, other, 1)}
                    nowhere = await ask(house, method, blind(resource, right), method.request(**nonsense))
                    assert re.sub(rf"(?<=by .){name}|(?<=by ..){name}", other, told) == nowhere[2]
    assert answered or not asked, "nobody was answered anything"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("right", RIGHTS, ids=[right.name for right in RIGHTS])
@pytest.mark.parametrize(("service", "resource"), NOUNS, ids=NAMES)
async def test_nothing_is_found_by_the_words_or_the_neighbours_of_a_hidden_field(
    houses: dict[str, House], service: str, resource: Resource[Any], right: Right
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
                code, found, _ = await ask(house, method, blind(resource, right), asked)
                assert code == "INVALID_ARGUMENT" or not found.ListFields(), (name, text)
        for name, field in resource.noun.fields.items():
            target = at_home(resource.noun, field.reference)
            if target is None or field.descriptor.is_repeated or not name.endswith("_id"):
                continue
            for there in own_fields(target):
                asked = method.request(filter=f"{name.removesuffix('_id')}.{there}:*")
                code, _, _ = await ask(house, method, blind(target, right), asked)
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
