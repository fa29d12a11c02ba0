"""The tenant's own fields of a record, on every write: brought into their form, filled in, worked out."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import ParseDict

from chassis.access.caller import Caller
from chassis.call import Call
from chassis.custom.columns import Custom, fields_of, value_in
from chassis.custom.functions import Value, value_of
from chassis.custom.schema import FORMULA, OPEN, UNTOLD, Defined
from chassis.custom.values import kept, plain
from chassis.errors import InvalidArgument, NotFound, PermissionDenied, TenantUnknown
from chassis.ids import parse_id
from chassis.resource.kinds import moment
from chassis.resource.noun import Noun
from chassis.resource.references import at_home
from kith.v1 import custom_pb2 as types


def searched_in(call: Call, noun: Noun) -> tuple[str, ...]:
    """Codes of the custom fields that words find."""
    defined = call.caller.custom.of(noun.permission)
    return defined.searched if defined else ()


def _defined(call: Call, noun: Noun, record: Any) -> Defined | None:
    """What the tenant added to `noun`. Raises TenantUnknown for a service at its own work that was not told yet.

    One that writes a record without custom fields need not know, and goes on while identity is away; what would be
    filled in or worked out is so when somebody writes it next.
    """
    if not noun.options.custom_fields:
        return None
    schema = call.caller.custom
    if schema is UNTOLD and call.means.known_by and record.custom_fields.fields:
        raise TenantUnknown("what this tenant added to its records is not known yet; retry")
    return schema.of(noun.permission)


async def fit(call: Call, noun: Noun, record: Any, before: Any = None) -> None:
    """Raises InvalidArgument naming each bad value, `custom_fields.tier`. Who has no custom fields pays a look-up.

    What no definition names is kept as it is: it came before its definition, or from a file. A record from before a
    definition may lack what is required until somebody sets it; a service at its own work is not asked for it.
    """
    defined = _defined(call, noun, record)
    if defined is None:
        return
    problems = _in_form(call.caller, defined, record, before)
    if before is None:
        for code, value in defined.defaults.items():
            if code not in record.custom_fields.fields and code not in problems:
                _set(record, code, value)
    problems = dict.fromkeys(_missing(call.caller, defined, record, before), "is required") | problems
    await _refuse_lost(call, noun, defined, record, before, problems)
    if problems:
        fields = {f"{OPEN}.{code}": problem for code, problem in problems.items()}
        raise InvalidArgument("; ".join(f"{path}: {problem}" for path, problem in fields.items()), fields=fields)
    _work_out(call.caller, noun, defined, record)


def _missing(caller: Caller, defined: Defined, record: Any, before: Any) -> list[str]:
    """What a new record lacks, or a change takes away; who may not set a field is not asked for it."""
    if caller.is_service:
        return []
    closed, held = caller.may_not_write(defined.noun), record.custom_fields.fields
    asked = [code for code in defined.required if closed.isdisjoint((OPEN, f"{OPEN}.{code}"))]
    return [code for code in asked if code not in held and (before is None or code in before.custom_fields.fields)]


def _in_form(caller: Caller, defined: Defined, record: Any, before: Any) -> dict[str, str]:
    problems: dict[str, str] = {}
    for code in [*record.custom_fields.fields]:
        field = defined.fields.get(code)
        if field is None:
            continue
        given = record.custom_fields.fields[code]
        there = (
            before.custom_fields.fields[code] if before is not None and code in before.custom_fields.fields else None
        )
        if field.type == FORMULA or given == there:
            continue
        try:
            value = kept(field, plain(given), caller, plain(there) if there is not None else None)
        except ValueError as problem:
            problems[code] = str(problem)
            continue
        if value is not None and field.deprecated:
            problems[code] = "is deprecated, and set no more"
        _set(record, code, value)
    return problems


def _set(record: Any, code: str, value: Any) -> None:
    if value is None:
        record.custom_fields.fields.pop(code, None)
    else:
        ParseDict(value, record.custom_fields.fields[code])


async def _refuse_lost(
    call: Call, noun: Noun, defined: Defined, record: Any, before: Any, problems: dict[str, str]
) -> None:
    """References within the service point at what the caller sees; of others only that it is an id can be told."""
    for code, field in defined.fields.items():
        there = record.custom_fields.fields.get(code)
        if field.type != types.FIELD_TYPE_REFERENCE or there is None or code in problems:
            continue
        if before is not None and before.custom_fields.fields.get(code) == there:
            continue
        target = at_home(noun, field.reference)
        try:
            if target is not None:
                await target.get(call, str(parse_id(there.string_value)))
        except (NotFound, PermissionDenied):
            problems[code] = "points at nothing"


def _work_out(caller: Caller, noun: Noun, defined: Defined, record: Any) -> None:
    """Each formula behind those it reads; one that comes to nothing leaves nothing."""
    if not defined.formulas:
        return
    fields = fields_of(caller.custom, noun.permission)

    def read(path: str) -> Value:
        if path in fields:
            return _custom(fields[path], record)
        return _own(noun.fields[path].descriptor, record) if path in noun.fields else None

    for code, tree in defined.formulas.items():
        _set(record, code, _as_json(value_of(tree, read)))


def _custom(field: Custom, record: Any) -> Value:
    given = record.custom_fields.fields.get(field.code)
    column = field.sort_column  # an amount is what it comes to in the base currency
    found = value_in({field.code: plain(given)} if given is not None else {}, column)
    return Decimal(repr(found)) if isinstance(found, float) else found if found != "" else None


def _own(field: FieldDescriptor, record: Any) -> Value:
    value = getattr(record, field.name)
    if field.message_type:
        read = READ.get(field.message_type.full_name)
        return read(value) if read and record.HasField(field.name) else None
    if field.enum_type:
        return field.enum_type.values_by_number[value].name if value else None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    return value or None


def _base(amount: Any) -> Decimal | None:
    return Decimal(amount.base_amount) if amount.HasField("base_amount") else None


READ: dict[str, Callable[[Any], Value]] = {
    "kith.v1.Money": _base,
    "google.type.Date": lambda day: date(day.year, day.month, day.day),
    "google.protobuf.Timestamp": moment,
}


def _as_json(value: Value) -> Any:
    match value:
        case None | "":
            return None
        case bool() | str():
            return value
        case Decimal():
            return float(value)
        case _:
            return value.isoformat().replace("+00:00", "Z")
