"""What a formula's parts come to: their types, told before anything is worked out, and their values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from operator import add, eq, ge, gt, le, lt, mod, mul, ne, sub, truediv
from typing import Any

from chassis.custom.formula import BadFormula, Tree

NUMBER, TEXT, FLAG, DATE, MOMENT = "number", "text", "flag", "date", "moment"
Value = Decimal | str | bool | date | datetime | None
LONGEST_TEXT = 1000
LARGEST = Decimal(10) ** 15  # what a double holds to the thousandth
_EXACT = Context(prec=28, rounding=ROUND_HALF_UP)
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_SUMS: Mapping[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul, "/": truediv, "%": mod}


@dataclass(frozen=True, slots=True)
class Function:
    """`takes` are the types of its arguments, "" for any; the last may come `more` times. Empty in, empty out."""

    gives: str
    takes: tuple[str, ...]
    of: Callable[..., Any]
    more: bool = False


def _round(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-max(0, min(int(places), 9))), context=_EXACT)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            plain = f"{value:f}"
            return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
    return str(value)


def _count(number: Decimal) -> int:
    return max(0, min(int(number), LONGEST_TEXT))


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(NUMBER, (NUMBER,), abs),
    "round": Function(NUMBER, (NUMBER, NUMBER), _round),
    "min": Function(NUMBER, (NUMBER, NUMBER), min, more=True),
    "max": Function(NUMBER, (NUMBER, NUMBER), max, more=True),
    "len": Function(NUMBER, (TEXT,), lambda text: Decimal(len(text))),
    "upper": Function(TEXT, (TEXT,), str.upper),
    "lower": Function(TEXT, (TEXT,), str.lower),
    "trim": Function(TEXT, (TEXT,), str.strip),
    "left": Function(TEXT, (TEXT, NUMBER), lambda text, number: text[: _count(number)]),
    "right": Function(TEXT, (TEXT, NUMBER), lambda text, number: text[-_count(number) :] if _count(number) else ""),
    "contains": Function(FLAG, (TEXT, TEXT), lambda text, part: part in text),
    "text": Function(TEXT, ("",), _text),
    "year": Function(NUMBER, (DATE,), lambda day: Decimal(day.year)),
    "month": Function(NUMBER, (DATE,), lambda day: Decimal(day.month)),
    "day": Function(NUMBER, (DATE,), lambda day: Decimal(day.day)),
    "date": Function(DATE, (MOMENT,), lambda moment: moment.date()),
    "days": Function(NUMBER, (DATE, DATE), lambda end, start: Decimal((end - start).days)),
    "add_days": Function(DATE, (DATE, NUMBER), lambda day, number: day + timedelta(days=int(number))),
}


def type_of(tree: Tree, fields: Mapping[str, str]) -> str:
    """What it comes to, where `fields` have these types. Raises BadFormula for parts that do not go together."""
    match tree:
        case ("value", value):
            return FLAG if isinstance(value, bool) else NUMBER if isinstance(value, Decimal) else TEXT
        case ("field", path):
            if path not in fields:
                raise BadFormula(f"{path} is no field that a formula can read")
            return fields[path]
        case ("op", op, *parts):
            return _type_of_operation(op, [type_of(part, fields) for part in parts])
        case ("call", name, *parts):
            return _type_of_call(name, [type_of(part, fields) for part in parts])
    raise AssertionError(tree)


def _type_of_operation(op: str, types: Sequence[str]) -> str:
    if op in ("and", "or", "not"):
        return _all(op, types, FLAG)
    if op == "&":
        return _all(op, types, TEXT)
    if op in _ORDERED:
        if len({*types}) > 1 or (FLAG in types and op not in ("=", "!=")):
            raise BadFormula(f"cannot compare {' and '.join(types)} by {op}")
        return FLAG
    return _all(op, types, NUMBER)


def _all(op: str, types: Sequence[str], wanted: str) -> str:
    if {*types} != {wanted}:
        raise BadFormula(f"{op} is of {wanted}s, not of {' and '.join(types)}")
    return wanted


def _type_of_call(name: str, types: Sequence[str]) -> str:
    if name == "if":
        if len(types) != 3 or types[0] != FLAG or types[1] != types[2]:
            raise BadFormula("if takes a condition and two values of one type")
        return types[1]
    if name == "coalesce":
        if not types or len({*types}) > 1:
            raise BadFormula("coalesce takes values of one type")
        return types[0]
    if name == "is_empty":
        if len(types) != 1:
            raise BadFormula("is_empty takes one value")
        return FLAG
    known = FUNCTIONS.get(name)
    if known is None:
        raise BadFormula(f"{name} is no function; there are {', '.join(sorted([*FUNCTIONS, *_LAZY]))}")
    wanted = [*known.takes, *[known.takes[-1]] * (len(types) - len(known.takes) if known.more else 0)]
    least = len(wanted) - (name == "round")
    fits = all(one in ("", told) for one, told in zip(wanted, types, strict=False))
    if not least <= len(types) <= len(wanted) or not fits:
        raise BadFormula(f"{name} takes {', '.join(one or 'any value' for one in known.takes)}")
    return known.gives


def value_of(tree: Tree, field: Callable[[str], Value]) -> Value:
    """What it comes to; empty where a part is, where it divides by nothing, and where it would be too large."""
    try:
        found = _value(tree, field)
    except (DecimalException, OverflowError, ValueError):
        return None
    if isinstance(found, Decimal) and not abs(found) < LARGEST:
        return None
    return found[:LONGEST_TEXT] if isinstance(found, str) else found


def _value(tree: Tree, field: Callable[[str], Value]) -> Value:
    match tree:
        case ("value", value):
            return value  # type: ignore[no-any-return]  # as `parse` put it there
        case ("field", path):
            return field(path)
        case ("call", name, *parts) if name in _LAZY:
            return _LAZY[name](parts, field)
        case ("op", "and" | "or" as op, left, right):
            first = bool(_value(left, field))
            return first if first is (op == "or") else bool(_value(right, field))
        case ("op", "not", part):
            return not _value(part, field)
        case (_, name, *parts):
            values = [_value(part, field) for part in parts]
            return None if any(one is None for one in values) else _worked_out(tree[0], name, values)
    raise AssertionError(tree)


def _worked_out(kind: str, name: str, values: Sequence[Any]) -> Value:
    if kind == "call":
        return FUNCTIONS[name].of(*values)  # type: ignore[no-any-return]  # as the table says
    if name == "negative":
        return -values[0]  # type: ignore[no-any-return]  # a number, by its type
    if name == "&":
        return f"{values[0]}{values[1]}"[:LONGEST_TEXT]
    if name in _ORDERED:
        return _ORDERED[name](*values)
    return _EXACT.plus(_SUMS[name](*values))


def _if(parts: Sequence[Tree], field: Callable[[str], Value]) -> Value:
    return _value(parts[1] if _value(parts[0], field) else parts[2], field)


def _coalesce(parts: Sequence[Tree], field: Callable[[str], Value]) -> Value:
    return next((found for part in parts if (found := _value(part, field)) is not None), None)


def _is_empty(parts: Sequence[Tree], field: Callable[[str], Value]) -> Value:
    return _value(parts[0], field) is None


_LAZY = {"if": _if, "coalesce": _coalesce, "is_empty": _is_empty}
