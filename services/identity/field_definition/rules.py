"""What is true of a custom field's definition, and how its state moves."""

import json
from collections.abc import Iterable, Mapping

from chassis.custom.formula import BadFormula, inputs, order_of, parse
from chassis.custom.functions import DATE, FLAG, MOMENT, NUMBER, TEXT, type_of
from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument
from kith.identity.v1.field_definition_pb2 import FieldDefinition
from kith.v1 import custom_pb2 as types

PICKS = frozenset({types.FIELD_TYPE_PICK, types.FIELD_TYPE_MULTI_PICK})
TEXTS = frozenset(
    {types.FIELD_TYPE_TEXT, types.FIELD_TYPE_LONG_TEXT, types.FIELD_TYPE_EMAIL, types.FIELD_TYPE_PHONE}
) | {types.FIELD_TYPE_URL}
# Of which "the same value" means little, or is not the record's own.
NEVER_UNIQUE = PICKS | {
    types.FIELD_TYPE_LONG_TEXT,
    types.FIELD_TYPE_BOOLEAN,
    types.FIELD_TYPE_MONEY,
    types.FIELD_TYPE_FORMULA,
    types.FIELD_TYPE_URL,
}
# What a formula reads of a field of each type; several choices cannot be read.
READ_AS: Mapping[int, str] = {
    **dict.fromkeys(TEXTS | {types.FIELD_TYPE_TIME, types.FIELD_TYPE_PICK, types.FIELD_TYPE_REFERENCE}, TEXT),
    types.FIELD_TYPE_NUMBER: NUMBER,
    types.FIELD_TYPE_MONEY: NUMBER,
    types.FIELD_TYPE_DATE: DATE,
    types.FIELD_TYPE_DATE_TIME: MOMENT,
    types.FIELD_TYPE_BOOLEAN: FLAG,
}
RESULTS: Mapping[str, types.FieldType.ValueType] = {
    NUMBER: types.FIELD_TYPE_NUMBER,
    TEXT: types.FIELD_TYPE_TEXT,
    DATE: types.FIELD_TYPE_DATE,
    MOMENT: types.FIELD_TYPE_DATE_TIME,
    FLAG: types.FIELD_TYPE_BOOLEAN,
}
LIVE = frozenset({FieldDefinition.ACTIVE, FieldDefinition.DEPRECATED})


class CodeTaken(AlreadyExists): ...


class FormulaCycle(FailedPrecondition): ...


class OptionInUse(FailedPrecondition): ...


class FieldInUse(FailedPrecondition): ...


class WrongFieldState(FailedPrecondition): ...


def check(definition: FieldDefinition) -> None:
    """Raises InvalidArgument naming everything that does not go together."""
    kind, problems = definition.type, dict[str, str]()
    if not definition.label_zh and not definition.label_en:
        problems["label_en"] = "needs a name in one of the languages"
    for name, wanted in (
        ("options", kind in PICKS),
        ("formula", kind == types.FIELD_TYPE_FORMULA),
        ("target", kind == types.FIELD_TYPE_REFERENCE),
    ):
        if bool(getattr(definition, name)) is not wanted:
            problems[name] = "is needed by this type" if wanted else "is of another type"
    for name, refused in (
        ("unique", kind in NEVER_UNIQUE),
        ("searchable", kind not in TEXTS),
        ("required", kind == types.FIELD_TYPE_FORMULA),
        ("default_value", kind == types.FIELD_TYPE_FORMULA or definition.unique),
    ):
        if getattr(definition, name) and refused:
            problems[name] = "cannot be of this type"
    codes = [one.code for one in definition.options]
    for at, code in enumerate(codes):
        if code in codes[:at]:
            problems[f"options[{at}].code"] = "is there twice"
    if problems:
        raise InvalidArgument("; ".join(f"{path}: {said}" for path, said in problems.items()), fields=problems)
    _refuse_unreadable(definition)


def _refuse_unreadable(definition: FieldDefinition) -> None:
    if definition.formula:
        try:
            parse(definition.formula)
        except BadFormula as problem:
            raise InvalidArgument.of("formula", str(problem)) from None
    if definition.default_value:
        default_of(definition)


def default_of(definition: FieldDefinition) -> object:
    """Raises InvalidArgument."""
    try:
        found: object = json.loads(definition.default_value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InvalidArgument.of("default_value", 'is no JSON: write "gold" or 3') from None
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)


def refuse_taken(definition: FieldDefinition, own: Iterable[str], others: Iterable[FieldDefinition]) -> None:
    """`own` are the names of the object's own fields. Raises CodeTaken."""
    if definition.code in own:
        problem = f"{definition.object} has a field of its own that is called {definition.code}"
    elif any(one.code == definition.code for one in others):
        problem = f"{definition.object} has a custom field of this code"
    else:
        return
    raise CodeTaken(problem, fields={"code": problem}, code=definition.code)


def refuse_unsettled(before: FieldDefinition, after: FieldDefinition) -> None:
    """What records rely on changes only while it is a draft. Raises WrongFieldState, OptionInUse."""
    if before.state == FieldDefinition.DRAFT:
        return
    for name in ("unique", "searchable"):
        if getattr(before, name) != getattr(after, name):
            raise WrongFieldState(f"{name} is settled once the field is active", field=name)
    if gone := {one.code for one in before.options} - {one.code for one in after.options}:
        code = min(gone)
        raise OptionInUse(f"records may have {code}; retire it instead", option=code)


def result_types(definitions: Iterable[FieldDefinition], own: Mapping[str, str]) -> dict[str, str]:
    """What each formula of one object comes to, by code; `own` are the types of the object's own fields.

    Raises InvalidArgument for one that reads what is not there or does not fit, FormulaCycle.
    """
    known = {one.code: one for one in definitions}
    trees = {code: parse(one.formula) for code, one in known.items() if one.type == types.FIELD_TYPE_FORMULA}
    try:
        ordered = order_of(trees)
    except BadFormula as problem:
        raise FormulaCycle(f"a formula would need its own result: {problem}") from None
    found: dict[str, str] = {}
    for code in ordered:
        read = {
            f"custom_fields.{one.code}": found.get(one.code) or READ_AS.get(one.type, "list")
            for one in known.values()
            if one.code in found or one.code not in trees
            if known[code].state not in LIVE or one.state in LIVE
        }
        try:
            found[code] = type_of(trees[code], {**own, **read})
        except BadFormula as problem:
            raise InvalidArgument.of("formula", f"of {code}: {problem}") from None
        if found[code] == "list":
            raise InvalidArgument.of("formula", f"of {code}: comes to several values")
    return found


def readers(definition: FieldDefinition, others: Iterable[FieldDefinition]) -> list[str]:
    """Codes of the formulas that read it."""
    path = f"custom_fields.{definition.code}"
    return [one.code for one in others if one.formula and path in inputs(parse(one.formula))]


def activate(definition: FieldDefinition) -> None:
    """Whatever its state was."""
    definition.state = FieldDefinition.ACTIVE


def deprecate(definition: FieldDefinition, others: Iterable[FieldDefinition]) -> None:
    """Raises WrongFieldState for a draft, FieldInUse where an active formula reads it."""
    if definition.state == FieldDefinition.DRAFT:
        raise WrongFieldState("a draft is in no record yet; delete it", id=definition.id)
    active = [one for one in others if one.state == FieldDefinition.ACTIVE]
    if reading := readers(definition, active):
        raise FieldInUse(f"{', '.join(reading)} reads it", id=definition.id)
    definition.state = FieldDefinition.DEPRECATED


def refuse_needed(definition: FieldDefinition, others: Iterable[FieldDefinition]) -> None:
    """Before it goes. Raises FieldInUse."""
    if definition.state == FieldDefinition.ACTIVE:
        raise FieldInUse("it is active; deprecate it first", id=definition.id)
    if reading := readers(definition, others):
        raise FieldInUse(f"{', '.join(reading)} reads it", id=definition.id)
