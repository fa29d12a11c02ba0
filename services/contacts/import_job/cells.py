"""One cell of a table as the value that is meant; a cell that means none is refused with a reason."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from chassis.errors import InvalidArgument
from chassis.values.email import parse_email, split_emails
from chassis.values.phone import Phone, parse_phone, split_phones

EXCEL_DAY_ZERO = date(1899, 12, 30)  # of serial numbers from 1 March 1900 on, which is what people have
_SERIALS = range(10_000, 80_000)  # 1927 to 2119
_EMPTY = {"", "-", "--", "—", "/", "n/a", "#n/a", "na", "null", "none", "nil", "无", "未知", "不详", "暂无"}
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_NAMED = re.compile(r"(?:(\d{1,2})\s+)?([A-Za-z]{3,9})\.?\s+(?:(\d{1,2}),?\s+)?(\d{4})")
_TIME = re.compile(
    r"(?<=[\d日])[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(?:(Z|[+-]\d{2}:?\d{2})|([AaPp])[Mm])?$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SCALES = {"万": 10**4, "亿": 10**8, "k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}
_CURRENCIES = {"¥": "CNY", "￥": "CNY", "元": "CNY", "RMB": "CNY", "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"}
_AMOUNT = re.compile(r"(?P<before>[^\d\s.,()+-]*)\s*(?P<number>[-+(]?[\d.,\s']*\d[\d.,']*\)?)\s*(?P<after>[^\d\s.,]*)")


class UnreadableText(InvalidArgument): ...


class NoSuchDay(InvalidArgument): ...


class BadEmail(InvalidArgument): ...


class BadPhone(InvalidArgument): ...


class BadValue(InvalidArgument): ...


def text(cell: str) -> str:
    """Without blanks around it and letters nobody sees. Raises UnreadableText for what is no letter of any script."""
    if "\0" in cell or "\ufffd" in cell:
        raise UnreadableText("holds bytes that are no letters of this encoding")
    if any("\ue000" <= letter <= "\uf8ff" or letter >= "\U000f0000" for letter in cell):
        raise UnreadableText("holds a character for private use, which only its own program can show")
    return _UNSEEN.sub("", cell).strip()


def plain(cell: str) -> str:
    """For values that have a shape: full-width letters as half-width ones, and empty where people mean nothing."""
    found = unicodedata.normalize("NFKC", text(cell)).strip()
    return "" if found.casefold() in _EMPTY else found


def plain_or_empty(cell: str) -> str:
    """The same, and empty for what cannot be read."""
    try:
        return plain(cell)
    except UnreadableText:
        return ""


def emails(cell: str) -> list[str]:
    """Raises BadEmail."""
    found = []
    for part in split_emails(plain(cell)):
        try:
            found.append(parse_email(part))
        except ValueError as problem:
            raise BadEmail(f"{part} {problem}") from None
    return list(dict.fromkeys(found))


def phones(cell: str) -> list[Phone]:
    """Raises BadPhone."""
    found = []
    for part in split_phones(plain(cell)):
        try:
            found.append(parse_phone(part))
        except ValueError as problem:
            raise BadPhone(f"{part} {problem}") from None
    return list(dict.fromkeys(found))


def day(cell: str) -> date | None:
    """As people and spreadsheets write it: 2024年2月29日, 2024/2/29, 20240229, 29.2.2024, 29 Feb 2024, 45351.

    Raises NoSuchDay for one that the calendar lacks, BadValue for one that could be two, or none.
    """
    said = _TIME.sub("", plain(cell))
    if not said:
        return None
    if re.fullmatch(r"\d{5}(\.\d+)?", said) and int(float(said)) in _SERIALS:
        return EXCEL_DAY_ZERO + timedelta(days=int(float(said)))
    if re.fullmatch(r"\d{8}", said):
        return _day(said, said[:4], said[4:6], said[6:])
    if found := _YEAR_FIRST.fullmatch(said):
        return _day(said, *found.groups())
    if found := _YEAR_LAST.fullmatch(said):
        return _either_order(said, *found.groups())
    found = _NAMED.fullmatch(said)
    if found and found[2][:3].lower() in _MONTHS and (found[1] or found[3]):
        return _day(said, found[4], str(_MONTHS.index(found[2][:3].lower()) + 1), found[1] or found[3])
    raise BadValue(f"{said} is no day")


def moment(cell: str, zone: tzinfo) -> datetime | None:
    """A day as above, from its midnight in `zone` on, or with a time of day: 2024-02-29 14:30, 29.2.2024 2:30 PM,
    2024-02-29T14:30:00+08:00, 45351.5. To the second.

    Raises NoSuchDay, BadValue.
    """
    said, at = plain(cell), day(cell)
    if at is None:
        return None
    if re.fullmatch(r"\d{5}\.\d+", said):
        seconds = round(float(said) % 1 * 86_400)
        return datetime.combine(at, time(), zone) + timedelta(seconds=seconds)
    if not (found := _TIME.search(said)):
        return datetime.combine(at, time(), zone)
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    if found[5] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    try:
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{found[4]}").tzinfo if found[4] else zone
        return datetime.combine(at, time(hour, minute, second), offset)
    except ValueError:
        raise BadValue(f"{said}: there is no such time of day") from None


def _either_order(said: str, first: str, second: str, year: str) -> date:
    if int(first) <= 12 and int(second) <= 12 and first != second:
        raise BadValue(f"{said} may be either of two days; write the year first")
    month, day_ = (second, first) if int(first) > 12 else (first, second)
    return _day(said, year, month, day_)


def _day(said: str, year: str, month: str, day_: str) -> date:
    try:
        return date(int(year), int(month), int(day_))
    except ValueError:
        raise NoSuchDay(f"{said}: there is no such day") from None


def number(cell: str) -> Decimal | None:
    """1,234.5, 1.234,5, 12万. Raises BadValue."""
    found, _ = amount(cell)
    return found


def amount(cell: str) -> tuple[Decimal | None, str]:
    """A number and its currency, empty where the cell says none: ¥1,234.50, 120万元, US$ 3.5m. Raises BadValue."""
    said = plain(cell)
    if not said:
        return None, ""
    parts = _AMOUNT.fullmatch(said)
    if not parts:
        raise BadValue(f"{said} is no number")
    after = parts["after"].strip()
    scale = next((name for name in sorted(_SCALES, key=len, reverse=True) if after.casefold().startswith(name)), "")
    unit = (after[len(scale) :] or parts["before"]).strip()
    currency = _CURRENCIES.get(unit.upper(), unit.upper())
    if unit and not re.fullmatch("[A-Z]{3}", currency):
        raise BadValue(f"{said} is no number")
    return _decimal(said, parts["number"]) * _SCALES.get(scale, 1), currency


def _decimal(said: str, digits: str) -> Decimal:
    bare = re.sub(r"[\s'()+-]", "", digits)
    point = _decimal_point(bare)
    try:
        value = Decimal(re.sub("[.,]", "", bare[:point]) + (f".{bare[point + 1 :]}" if point < len(bare) else ""))
    except InvalidOperation:
        raise BadValue(f"{said} is no number") from None
    if value >= Decimal(10) ** 15:
        raise BadValue(f"{said} is too large")
    return -value if digits.startswith(("-", "(")) else value


def _decimal_point(digits: str) -> int:
    """Where it stands, or the end: what separates thousands comes several times, or as a comma before three digits."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return len(digits)
    both = "." in digits and "," in digits
    groups = digits.count(digits[last]) > 1 or re.fullmatch(r"\d{1,3},\d{3}", digits)
    return last if both or not groups else len(digits)
