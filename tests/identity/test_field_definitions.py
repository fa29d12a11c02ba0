"""The fields that a tenant adds: what can be defined, what is refused, and who is told how soon (CO-12)."""

from typing import Any
from uuid import UUID

import pytest

from chassis.access.caller import Caller, Right
from chassis.access.principal import caller_of
from chassis.testing.serving import refusal
from kith.v1 import custom_pb2 as types
from tests.identity.suite import KEYS, World, neighbour, until

ACCOUNT = "contacts.account"


def given(code: str = "tier", kind: str = "TEXT", **more: Any) -> dict[str, Any]:
    return {"object": ACCOUNT, "code": code, "type": f"FIELD_TYPE_{kind}", "label_en": code} | more


def picks(*codes: str, **more: Any) -> dict[str, Any]:
    return {"options": [{"code": code} | more for code in codes]}


def formula(code: str, text: str) -> dict[str, Any]:
    return given(code, "FORMULA", formula=text)


async def defined(world: World, *args: Any, active: bool = True, **more: Any) -> Any:
    made = await world.boss.CreateFieldDefinition(field_definition=given(*args, **more))
    return await world.boss.ActivateFieldDefinition(id=made.id) if active else made


async def told(world: World, user_id: str = "") -> dict[str, Any]:
    me = user_id or (await world.boss.WhoAmI()).principal.user_id
    principal = await world.replica.as_(KEYS["sales"]).GetPrincipal(tenant_id=world.tenant.id, user_id=me)
    return {one.code: one for one in principal.custom_fields}


BAD: list[tuple[dict[str, Any], str]] = [
    *((given(code), "code") for code in ("", "Tier", "1a", "a b", "a.b", "a" * 41, "é")),
    *((given(object=name), "object") for name in ("", "contacts.tag", "contacts.nothing", "account")),
    (given(label_en=""), "label_en"),
    (given(kind="UNSPECIFIED"), "type"),
    (given(kind="PICK"), "options"),
    (given(**picks("a")), "options"),
    (given(kind="PICK", **picks("a", "b", "a")), "options[2].code"),
    (given(kind="PICK", **picks("a b")), "options[0].code"),
    (given(kind="REFERENCE"), "target"),
    (given(kind="REFERENCE", target="contacts.nothing"), "target"),
    (given(target=ACCOUNT), "target"),
    (given(kind="FORMULA"), "formula"),
    (given(formula="1"), "formula"),
    *((given(kind=kind, unique=True), "unique") for kind in ("BOOLEAN", "LONG_TEXT", "MONEY")),
    (given(kind="NUMBER", searchable=True), "searchable"),
    (formula("f", "1") | {"required": True}, "required"),
    (formula("f", "1") | {"default_value": "1"}, "default_value"),
    *((given(kind="NUMBER", default_value=bad), "default_value") for bad in ("x", '"3"', "NaN", "[" * 2000)),
    (given(kind="PICK", default_value='"b"', **picks("a")), "default_value"),
    *(
        (formula("f", bad), "formula")
        for bad in (
            *("1 +", "amount", "annual_revenue + display_name", "custom_fields.nothing", "custom_fields.f2", "emails"),
            *("__import__", "f(1)", "1; 2", "`ls`", "((((((((((((((((((((((1))))))))))))))))))))))", "1+" * 300 + "1"),
            *("update_time", "etag", 'if(1, "a", "b")', "{}", "display_name.x.y"),
        )
    ),
]


async def test_what_cannot_be_defined_is_refused_by_name_and_leaves_nothing(world: World) -> None:
    for definition, field in BAD:
        refused = await refusal(world.boss.CreateFieldDefinition(field_definition=definition))
        assert refused.code == "INVALID_ARGUMENT", (definition, refused)
        assert f"field_definition.{field}" in refused.fields, (definition, refused)
    assert not (await world.boss.ListFieldDefinitions(show_deleted=True)).field_definitions


async def test_a_code_of_the_object_s_own_or_of_another_is_taken(world: World) -> None:
    for code in ("display_name", "custom_fields", "etag"):
        refused = await refusal(world.boss.CreateFieldDefinition(field_definition=given(code)))
        assert (refused.code, refused.reason) == ("ALREADY_EXISTS", "CODE_TAKEN")
        assert refused.fields.keys() == {"field_definition.code"}
    tier = await defined(world)
    assert (await refusal(defined(world))).reason == "CODE_TAKEN"
    await defined(world, object="contacts.contact")
    await world.boss.DeprecateFieldDefinition(id=tier.id)
    await world.boss.DeleteFieldDefinition(id=tier.id)
    await defined(world)
    assert (await refusal(world.boss.UndeleteFieldDefinition(id=tier.id))).reason == "CODE_TAKEN"


async def test_what_records_rely_on_is_settled_once_a_field_is_active(world: World) -> None:
    tier = await defined(world, "tier", "PICK", active=False, **picks("a", "b"))
    change = {"id": tier.id, **picks("a", "c")}
    await world.boss.UpdateFieldDefinition(field_definition=change)  # a draft is nobody's yet
    await world.boss.ActivateFieldDefinition(id=tier.id)
    refused = await refusal(world.boss.UpdateFieldDefinition(field_definition={"id": tier.id, **picks("a")}))
    assert (refused.code, refused.reason) == ("FAILED_PRECONDITION", "OPTION_IN_USE")
    retired = {"options": [{"code": "c", "retired": True}, {"code": "a"}, {"code": "d"}]}
    kept = await world.boss.UpdateFieldDefinition(field_definition={"id": tier.id} | retired)
    assert [(one.code, one.retired) for one in kept.options] == [("c", True), ("a", False), ("d", False)]
    for change in ({"unique": True}, {"searchable": True}):
        text = await defined(world, f"text_{min(change)}")
        refused = await refusal(world.boss.UpdateFieldDefinition(field_definition={"id": text.id} | change))
        assert refused.reason == "WRONG_FIELD_STATE"
    for change in ({"code": "other"}, {"type": types.FIELD_TYPE_DATE}, {"object": "contacts.contact"}):
        asked = {"field_definition": {"id": tier.id} | change, "update_mask": {"paths": [*change]}}
        assert (await refusal(world.boss.UpdateFieldDefinition(**asked))).code == "INVALID_ARGUMENT"


async def test_formulas_go_in_no_circle_and_what_they_read_stays(world: World) -> None:
    await defined(world, "a", "NUMBER")
    b = await defined(world, "b", "FORMULA", formula="custom_fields.a * 2")
    c = await defined(world, "c", "FORMULA", formula="custom_fields.b + annual_revenue")
    for text in ("custom_fields.c", "custom_fields.b + 1"):
        refused = await refusal(world.boss.UpdateFieldDefinition(field_definition={"id": b.id, "formula": text}))
        assert (refused.code, refused.reason) == ("FAILED_PRECONDITION", "FORMULA_CYCLE")
    a = (await world.boss.ListFieldDefinitions(filter="code = a")).field_definitions[0]
    for call in (world.boss.DeprecateFieldDefinition(id=a.id), world.boss.DeleteFieldDefinition(id=a.id)):
        assert (await refusal(call)).reason == "FIELD_IN_USE"
    told_of = await told(world)
    assert [told_of[code].formula_type for code in "bc"] == [types.FIELD_TYPE_NUMBER] * 2
    await world.boss.DeprecateFieldDefinition(id=c.id)
    assert (await told(world))["c"].deprecated


async def test_an_active_formula_reads_no_draft(world: World) -> None:
    draft = await defined(world, "a", "NUMBER", active=False)
    reads = await defined(world, "b", "FORMULA", active=False, formula="custom_fields.a")
    assert (await refusal(world.boss.ActivateFieldDefinition(id=reads.id))).fields.keys() == {"formula"}
    assert (await refusal(world.boss.DeprecateFieldDefinition(id=draft.id))).reason == "WRONG_FIELD_STATE"
    await world.boss.ActivateFieldDefinition(id=draft.id)
    await world.boss.ActivateFieldDefinition(id=reads.id)
    assert {*await told(world)} == {"a", "b"}


async def test_a_draft_is_told_to_nobody_and_an_active_field_to_every_process_within_seconds(world: World) -> None:
    token, tenant = (await world.sign_in()).access_token, UUID(world.tenant.id)
    draft = await defined(world, active=False)
    async with neighbour(world.replica) as (sales, _):
        await until(lambda: sales._principals._listening, 30)

        async def known() -> Caller:
            return await sales.authenticate([("authorization", f"Bearer {token}")])

        assert (await known()).custom.key == b""
        assert (await known()) is (await known())  # kept, so that what follows is no fresh question
        await world.boss.ActivateFieldDefinition(id=draft.id)

        async def has() -> bool:
            return (await known()).custom.of(ACCOUNT) is not None

        await until(has, 30)
        home = await sales.principal(tenant, Caller.system(tenant, "sales").user_id, None)
        assert home.custom is (await known()).custom  # one object for all who bring the same
        await world.boss.DeprecateFieldDefinition(id=draft.id)
        await world.boss.DeleteFieldDefinition(id=draft.id)

        async def gone() -> bool:
            return (await known()).custom.key == b""

        await until(gone, 30)


async def test_fields_of_one_tenant_are_not_another_s(world: World) -> None:
    await world.provision("other", "boss@other.example")
    other = world.replica.as_((await world.sign_in("boss@other.example")).access_token)
    mine = await defined(world)
    assert not (await other.ListFieldDefinitions()).field_definitions
    assert (await refusal(other.ActivateFieldDefinition(id=mine.id))).code == "NOT_FOUND"
    assert not (await other.WhoAmI()).custom_fields


async def test_a_sensitive_field_is_shown_in_part_until_a_role_says_more(world: World) -> None:
    await defined(world, "id_number", sensitive=True)
    await defined(world, "tail", "FORMULA", formula="right(custom_fields.id_number, 4)")
    path, tail = f"{ACCOUNT}.custom_fields.id_number", f"{ACCOUNT}.custom_fields.tail"
    user = await world.user("ann", "Sales rep")
    masked = {one.field: one.right for one in (await world.caller_of(user)).field_rights}
    assert masked == {path: Right.MASKED, tail: Right.NONE}
    assert {one.code for one in (await (await world.signed_in("ann")).WhoAmI()).custom_fields} == {"id_number"}
    role = await world.boss.CreateRole(
        role={"display_name": "Trusted", "field_rights": [{"field": path, "right": "WRITE"}]}
    )
    await world.boss.AssignRoles(id=user.id, role_ids=[world.roles["Sales rep"], role.id])
    assert not (await world.caller_of(user)).field_rights


async def test_what_a_deny_list_or_no_role_at_all_leaves_of_a_sensitive_field(world: World) -> None:
    await defined(world, "id_number", sensitive=True)
    path = f"{ACCOUNT}.custom_fields.id_number"
    blind = {"display_name": "Blind", "mode": "DENY_LIST", "field_rights": [{"field": path, "right": "NONE"}]}
    denied = await world.boss.CreateRole(role=blind)
    ann = await world.user("ann", role_ids=[world.roles["Sales rep"], denied.id])
    for user in (ann, await world.user("bob")):
        assert [(one.field, one.right) for one in (await world.caller_of(user)).field_rights] == [(path, Right.NONE)]


async def test_of_a_closed_noun_only_named_custom_fields_are_there(world: World) -> None:
    """Each, and all of them together: a formula only where what it reads is there too (ID-07, S05)."""
    for code in ("tier", "budget"):
        await defined(world, code, "NUMBER")
    for code in ("tier", "budget"):
        await defined(world, f"double_{code}", "FORMULA", formula=f"custom_fields.{code} * 2")
    names = ["custom_fields.tier", "custom_fields.double_tier", "custom_fields.double_budget"]
    hidden = await hidden_by(world, "ann", *names)
    assert hidden >= {"custom_fields", "custom_fields.budget", "custom_fields.double_budget"}
    assert not (await (await world.signed_in("ann")).WhoAmI()).custom_fields
    hidden = await hidden_by(world, "bob", "custom_fields", *names)
    assert {name for name in hidden if name.startswith("custom_fields")} == {
        "custom_fields.budget",
        "custom_fields.double_budget",
    }
    told = await (await world.signed_in("bob")).WhoAmI()
    assert {one.code for one in told.custom_fields} == {"tier", "double_tier"}
    assert "budget" not in str(told)


async def hidden_by(world: World, email: str, *names: str) -> frozenset[str]:
    """Of accounts, from somebody with a role that closes them but for `names`."""
    role = {
        "display_name": email,
        "grants": [{"permission": "contacts.*", "reach": "TENANT"}],
        "field_rights": [{"field": f"{ACCOUNT}.{name}", "right": "READ"} for name in names],
        "closed_nouns": [ACCOUNT],
    }
    made = await world.boss.CreateRole(role=role)
    user = await world.user(email, role_ids=[made.id])
    return caller_of(await world.caller_of(user)).hides(ACCOUNT)


async def test_no_formula_reads_what_is_sealed(world: World) -> None:
    """Its result would tell it."""
    asked = {"object": "contacts.contact", "code": "tail", "type": "FIELD_TYPE_FORMULA", "label_en": "tail"}
    tail = world.boss.CreateFieldDefinition(field_definition=asked | {"formula": "right(id_number, 4)"})
    assert (await refusal(tail)).fields.keys() == {"field_definition.formula"}
    name = world.boss.CreateFieldDefinition(field_definition=asked | {"formula": "right(display_name, 4)"})
    assert (await name).code == "tail"


@pytest.mark.parametrize("field", ["contacts.account.custom_fields", "contacts.account.custom_fields.tier", "a.b.c"])
async def test_a_role_names_fields_and_custom_fields(world: World, field: str) -> None:
    role = await world.boss.CreateRole(role={"display_name": "R", "field_rights": [{"field": field, "right": "NONE"}]})
    assert role.field_rights[0].field == field


async def test_a_role_names_nothing_else(world: World) -> None:
    for field in ("contacts.account.custom_fields.Tier", "contacts.account.address.city", "contacts.account"):
        role = {"display_name": "R", "field_rights": [{"field": field, "right": "NONE"}]}
        assert (await refusal(world.boss.CreateRole(role=role))).code == "INVALID_ARGUMENT"
