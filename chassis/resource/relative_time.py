"""Moments and days as a filter says them: `now-7d`, `today`, `this_quarter`, `2027-01-31`, in one's own time zone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar

T = TypeVar("T")
_NOW = re.compile(r"now(?:([+-])(\d{1,5})(s|m|h|d|w))?")
_DAY = re.compile(r"(today|yesterday|tomorrow)(?:([+-])(\d{1,5})(d|w))?")
_PERIOD = re.compile(r"(this|last|next)_(week|month|quarter|year)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_PLACES = {"last": -1, "this": 0, "next": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until before `end`, both in UTC or both days; a moment has no `end`."""

    start: datetime | date
    end: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a word means once it is known when and where it is said; `at` raises ValueError beyond the calendar."""

    is_period: bool
    at: Callable[[datetime, tzinfo, int], Span]  # the last: what weeks begin with, 1 for Monday


def spoken_moment(text: str) -> Spoken | None:
    """For fields that hold moments. A day, a week and so on is a period; None for any other text.

    `now±` counts seconds, so that 1d is 24 hours; `today±` counts days of the calendar.
    """
    if found := _NOW.fullmatch(text):
        shift = _shift(*found.groups())
        return Spoken(False, lambda now, *_: Span(_in_calendar(lambda: now + shift)))
    days = _days(text)
    return days and Spoken(True, lambda now, zone, first: _moments(days(now.astimezone(zone).date(), first), zone))


def spoken_day(text: str) -> Spoken | None:
    """For fields that hold days: as `spoken_moment`, and `now±` is the day it falls on."""
    if found := _NOW.fullmatch(text):
        shift = _shift(*found.groups())
        return Spoken(True, lambda now, zone, _: _days_of(_in_calendar(lambda: (now + shift).astimezone(zone)).date()))
    days = None if _DATE.fullmatch(text) else _days(text)
    return days and Spoken(True, lambda now, zone, first: Span(*days(now.astimezone(zone).date(), first)))


def bucket_end(start: date, unit: str) -> date:
    """Where the day, week, month, quarter or year that begins at `start` ends. Raises ValueError beyond year 9999."""
    if unit in ("day", "week"):
        return _in_calendar(lambda: start + timedelta(days=1 if unit == "day" else 7))
    return _months_on(start, _MONTHS[unit])


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of `day`, in UTC. Raises ValueError beyond the calendar."""
    return _in_calendar(lambda: datetime.combine(day, time(), zone).astimezone(UTC))


def _days(text: str) -> Callable[[date, int], tuple[date, date]] | None:
    """First day and day after the last, once it is known what day it is and what weeks begin with."""
    if _DATE.fullmatch(text):
        day = date.fromisoformat(text)
        return lambda *_: (day, bucket_end(day, "day"))
    if found := _DAY.fullmatch(text):
        shift = _shift(*found.groups()[1:]) + timedelta(days=_DAYS[found[1]])
        return lambda today, _: _pair(_in_calendar(lambda: today + shift), "day")
    if found := _PERIOD.fullmatch(text):
        place, unit = _PLACES[found[1]], found[2]
        return lambda today, first: _pair(_period(today, unit, place, first), unit)
    return None


def _period(today: date, unit: str, place: int, first_weekday: int) -> date:
    if unit == "week":
        since = (today.isoweekday() - first_weekday) % 7
        return _in_calendar(lambda: today - timedelta(days=since - 7 * place))
    months = _MONTHS[unit]
    first = (today.month - 1) // months * months + 1
    return _months_on(date(today.year, first, 1), place * months)


def _months_on(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _pair(start: date, unit: str) -> tuple[date, date]:
    return start, bucket_end(start, unit)


def _days_of(day: date) -> Span:
    return Span(*_pair(day, "day"))


def _moments(days: tuple[date, date], zone: tzinfo) -> Span:
    return Span(midnight(days[0], zone), midnight(days[1], zone))


def _shift(sign: str | None, count: str | None, unit: str | None) -> timedelta:
    if not (sign and count and unit):
        return timedelta()
    shift = timedelta(**{_UNITS[unit]: int(count)})
    return -shift if sign == "-" else shift


def _in_calendar(reckon: Callable[[], T]) -> T:
    try:
        return reckon()
    except OverflowError:
        raise ValueError("not within the years 1 to 9999") from None
