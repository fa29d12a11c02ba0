"""A filter's shape as SQL; every value is a bind.

Where PostgreSQL answers NULL for what is empty, a WHERE takes it for false, and so does `IS NOT TRUE` for a NOT:
that makes the two truth values of a filter out of the three of SQL, and leaves the comparisons to their indexes.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Numeric,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from chassis.custom.columns import columns
from chassis.resource.filter_shape import Shape
from chassis.resource.references import RESOURCES
from chassis.resource.view import View

Columns: TypeAlias = "ReadOnlyColumnCollection[str, Any]"
Clause: TypeAlias = "ColumnElement[bool]"
COMPARE: dict[str, Callable[[Any, Any], Clause]] = {
    "=": lambda column, value: column == value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}
_BINARY = "C"  # texts compare by their code points, on any PostgreSQL and in Python alike
_TYPES: dict[str, ColumnElement[str]] = {
    "text": literal_column("'string'"),
    "number": literal_column("'number'"),
    "bool": literal_column("'boolean'"),
}
_NOTHING: list[ColumnElement[Any]] = [literal_column("'[]'::jsonb"), literal_column("'{}'::jsonb")]
_EMPTY: list[ColumnElement[Any]] = [*_NOTHING, literal_column("'null'::jsonb"), literal_column("""'""'::jsonb""")]
_ABSENT: dict[str, ColumnElement[Any]] = {"false": literal_column("'false'::jsonb"), "0": literal_column("'0'::jsonb")}


def expression(shape: Shape, c: Columns) -> Clause:
    """Over the columns of a view, `call.view(resource).c`."""
    match shape:
        case ("and", *parts):
            return and_(true(), *(expression(part, c) for part in parts))
        case ("or", *parts):
            return or_(*(expression(part, c) for part in parts))
        case ("not", part):
            return expression(part, c).is_not(true())
        case ("is", column, op, bind):
            return _compare(c[column], op, bindparam(bind, type_=c[column].type))
        case ("set", column):
            return _set(c[column])
        case ("contains", column, bind, hint):
            exact: Clause = c[column].ilike(bindparam(bind, type_=Text))
            return and_(_found(c, hint), exact) if hint else exact
        case ("search", binds):
            return or_(*(_found(c, bind) for bind in binds))
        case ("has", column, bind):
            item = c[column].type.item_type
            has: Clause = c[column].op("@>", is_comparison=True)(
                cast(array([bindparam(bind, type_=item)]), c[column].type)
            )
            return has
        case ("key", column, bind):
            return func.jsonb_exists(c[column], bindparam(bind, type_=Text), type_=Boolean)
        case ("entry", column, *rest):
            return _member(c[column], *rest)
        case ("some", column, *rest):
            return _some(c[column], *rest)
        case ("hop", column, noun, seen, part):
            return _hop(c[column], View(RESOURCES[noun], *seen), column, part)
    raise AssertionError(shape)


def _compare(column: ColumnElement[Any], op: str, value: ColumnElement[Any]) -> Clause:
    if op != "=" and isinstance(column.type, Text):
        column = column.collate(_BINARY)
    return COMPARE[op](column, value)


def _set(column: ColumnElement[Any]) -> Clause:
    match column.type:
        case ARRAY():
            return func.cardinality(column) > 0
        case JSONB():
            return and_(*(column != none for none in _NOTHING))
        case Text():
            return column != ""
    return column.is_not(None)


def _found(c: Columns, bind: str) -> Clause:
    found: Clause = c.search_grams.contains(bindparam(bind, type_=ARRAY(Text)))
    return found


def _some(column: ColumnElement[Any], op: str, kind: str, key: str, bind: str, none: str) -> Clause:
    if kind == "document":
        return column.op("@>", is_comparison=True)(bindparam(bind, type_=JSONB))
    one = func.jsonb_array_elements(column, type_=JSONB).alias(f"one_{key}")
    return exists(select(literal_column("1")).select_from(one).where(_member(one.column, op, kind, key, bind, none)))


def _member(document: ColumnElement[Any], op: str, kind: str, key: str, bind: str, none: str) -> Clause:
    """A member counts only if it is of the type asked for, so that nothing is cast that cannot be."""
    if kind == "document":
        return document.op("@>", is_comparison=True)(bindparam(bind, type_=JSONB))
    name = bindparam(key, type_=Text)
    value = document.op("->", return_type=JSONB())(name)
    if op == "set":
        return and_(*(value != none for none in _EMPTY))
    text = document.op("->>", return_type=Text())(name)
    typed = func.jsonb_typeof(value) == _TYPES[kind]
    if op == ":":
        listed = value.op("@>", is_comparison=True)(func.to_jsonb(cast(bindparam(none, type_=Text), Text)))
        return or_(and_(typed, text.ilike(bindparam(bind, type_=Text))), listed)
    if kind == "text":
        return and_(typed, COMPARE[op](text.collate(_BINARY), bindparam(bind, type_=Text)))
    given: Any = bindparam(bind, type_=Numeric() if kind == "number" else Boolean())
    there: Any = func.coalesce(value, _ABSENT[none]) if none else value
    return and_(
        func.jsonb_typeof(there) == _TYPES[kind],
        COMPARE[op](there, func.to_jsonb(cast(given, given.type))),
    )


def _hop(column: ColumnElement[Any], view: View, name: str, part: Shape) -> Clause:
    """Through what the caller sees of the noun pointed at; a deleted record is not there."""
    there = view.rows.alias(f"by_{name}")
    found = [there.c.id == column, expression(part, columns(there.c))]
    if "delete_time" in there.c:
        found.append(there.c.delete_time.is_(None))
    return exists(select(literal_column("1")).select_from(there).where(*found))
