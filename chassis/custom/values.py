"""One value of a custom field in the form it is kept, or what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from google.protobuf.struct_pb2 import Value

from chassis.access.caller import Caller
from chassis.resource.kinds import decimal_text, money
from chassis.resource.reckoning import in_base
from chassis.values.email import parse_email
from chassis.values.phone import parse_phone
from kith.v1 import custom_pb2 as types
from kith.v1.custom_pb2 import CustomField
from kith.v1.money_pb2 import Money

LONGEST: Mapping[int, int] = {
    types.FIELD_TYPE_TEXT: 500,
    types.FIELD_TYPE_LONG_TEXT: 20_000,
    types.FIELD_TYPE_URL: 2000,
}
MONEY = frozenset({"currency_code", "amount", "base_amount"})
_AMOUNT = re.compile(r"-?\d{1,18}(\.\d{1,9})?")
_CURRENCY = re.compile("[A-Z]{3}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})")


def plain(value: Value) -> Any:
    """As JSON has it."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return {name: plain(one) for name, one in value.struct_value.fields.items()}
        case "list_value":
            return [plain(one) for one in value.list_value.values]
        case "null_value" | None:
            return None
        case kind:
            return getattr(value, kind)


def kept(field: CustomField, given: Any, caller: Caller, before: Any = None) -> Any:
    """`given` in the form it is kept, None for an empty one; `before` is what the record held. Raises ValueError."""
    if given in (None, "", []):
        return None
    if field.type == types.FIELD_TYPE_MONEY:
        return _money(given, caller)
    if field.type in (types.FIELD_TYPE_PICK, types.FIELD_TYPE_MULTI_PICK):
        return _picked(field, given, before)
    return _FORMS[field.type](field, given)


def _money(given: Any, caller: Caller) -> dict[str, str]:
    """What it comes to is told by the server, as of every amount; who sends it back is not refused for it."""
    if not isinstance(given, dict) or not given.keys() <= MONEY:
        raise ValueError("is no amount: write currency_code and amount")
    currency, amount = given.get("currency_code"), given.get("amount")
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise ValueError("has no currency_code of three capitals")
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        raise ValueError('has no amount, written as a text: "1200.50"')
    number = Decimal(amount)
    found = {"currency_code": currency, "amount": decimal_text(number)}
    base = in_base(caller, Money(**money(number, currency)))
    return found if base is None else found | {"base_amount": decimal_text(base)}


def _picked(field: CustomField, given: Any, before: Any) -> Any:
    """In the order of the options; one that was retired stays where it is."""
    several = field.type == types.FIELD_TYPE_MULTI_PICK
    codes = given if several and isinstance(given, list) else [given]
    held = before if isinstance(before, list) else [before]
    open_ = [one.code for one in field.options if not one.retired or one.code in held]
    if unknown := [code for code in codes if code not in open_]:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(open_)}")
    return [code for code in open_ if code in codes] if several else given


def _text(field: CustomField, given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("is no text")
    longest = LONGEST.get(field.type, 320)
    if len(given) > longest:
        raise ValueError(f"is longer than {longest} characters")
    if field.type == types.FIELD_TYPE_TEXT and ("\n" in given or "\r" in given):
        raise ValueError("has several lines")
    return given


def _number(field: CustomField, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError("is no number")
    return given


def _flag(field: CustomField, given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError("is neither true nor false")
    return given


def _date(field: CustomField, given: Any) -> str:
    return date.fromisoformat(_shaped(_DAY, given, "is no day: write 2027-01-31")).isoformat()


def _time(field: CustomField, given: Any) -> str:
    return time.fromisoformat(_shaped(_TIME, given, "is no time of day: write 09:30")).isoformat()


def _moment(field: CustomField, given: Any) -> str:
    text = _shaped(_MOMENT, given, "is no moment: write 2027-01-31T09:30:00+08:00")
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("is no moment of the years 1 to 9999") from None
    return moment.isoformat().replace("+00:00", "Z")


def _shaped(shape: "re.Pattern[str]", given: Any, problem: str) -> str:
    if not isinstance(given, str) or not shape.fullmatch(given):
        raise ValueError(problem)
    return given


def _id(field: CustomField, given: Any) -> str:
    if not isinstance(given, str) or len(given) != 36:
        raise ValueError("is no id")
    return str(UUID(given))


def _url(field: CustomField, given: Any) -> str:
    text = _text(field, given)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"]", text):
        raise ValueError("is no address of the web: write https://…")
    return text


_FORMS: Mapping[int, Callable[[CustomField, Any], Any]] = {
    types.FIELD_TYPE_TEXT: _text,
    types.FIELD_TYPE_LONG_TEXT: _text,
    types.FIELD_TYPE_NUMBER: _number,
    types.FIELD_TYPE_BOOLEAN: _flag,
    types.FIELD_TYPE_DATE: _date,
    types.FIELD_TYPE_TIME: _time,
    types.FIELD_TYPE_DATE_TIME: _moment,
    types.FIELD_TYPE_REFERENCE: _id,
    types.FIELD_TYPE_EMAIL: lambda field, given: parse_email(_text(field, given)),
    types.FIELD_TYPE_PHONE: lambda field, given: _phone(_text(field, given)),
    types.FIELD_TYPE_URL: _url,
}


def _phone(text: str) -> str:
    phone = parse_phone(text)
    return f"{phone.number};ext={phone.extension}" if phone.extension else phone.number
