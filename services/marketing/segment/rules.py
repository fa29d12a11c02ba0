"""When segments are looked at again; plain functions, tested without a server."""

from datetime import UTC, datetime, time, timedelta, tzinfo

NIGHT = time(3)  # where the tenant is: what no event told of is mended then
AFTER_MIDNIGHT = timedelta(seconds=1)  # so that it is the new day by every clock
COUNTED_EVERY_SECONDS = 5


def next_look(now: datetime, zone: tzinfo, *, relative: bool) -> datetime:
    """A filter that time alone may change: each hour, and when the tenant's day begins. Any other: each night.

    It is the same moment whoever asks before it, so that two who set it set one.
    """
    here = now.astimezone(zone)
    if not relative:
        tonight = _at(here, NIGHT, days=0)
        return tonight if tonight > now else _at(here, NIGHT, days=1)
    next_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(next_hour, _at(here, time(), days=1)) + AFTER_MIDNIGHT


def next_count(now: datetime) -> datetime:
    """Members are counted a few seconds after they changed, once for all who did."""
    beat = int(now.timestamp()) // COUNTED_EVERY_SECONDS + 1
    return datetime.fromtimestamp(beat * COUNTED_EVERY_SECONDS + 1, UTC)


def _at(here: datetime, hour: time, *, days: int) -> datetime:
    day = here.date() + timedelta(days=days)
    return datetime.combine(day, hour, here.tzinfo).astimezone(UTC)
