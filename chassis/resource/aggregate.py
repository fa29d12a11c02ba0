"""Numbers over a noun's records: grouped, measured, each with a filter that lists the records behind it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.message import Message
from sqlalchemy import ColumnElement, Integer, Select, Text, bindparam, func, select

from chassis.access.caller import MONDAY
from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.broad import FilterTooBroad, ask_in_time
from chassis.resource.filter import MAX_LENGTH, filter_for
from chassis.resource.groups import Group, parse_groups
from chassis.resource.listing import matches
from chassis.resource.measures import Measure, parse_measures
from chassis.resource.resource import Resource
from chassis.resource.view import View
from kith.v1.aggregate_pb2 import AggregateRow, AggregateValue

MAX_ROWS = 1000


async def aggregate(resource: Resource[Message], call: Call, request: Any) -> list[AggregateRow]:
    """The rows of an `AggregateXs`, in the order of their keys, what is empty last; one row where nothing is grouped.

    Only what the caller sees is counted. A measure over money is in the tenant's base currency, and says how many
    amounts are not known in it; where the rows are grouped by that field's currency, it is in that. Weeks begin
    as the caller's do; days, weeks and so on are those of `time_zone`, or else of the caller's.
    Raises InvalidArgument naming the part of the request that cannot be, and FilterTooBroad beyond 1,000 rows.
    """
    view = call.view(resource)
    filter = f"({request.filter})" if request.filter else ""
    wanted = filter_for(call, resource, filter)
    groups = parse_groups(request.group_by, resource.noun, view.fields)
    by_currency = {group.field.name for group in groups if group.is_currency}
    measures = parse_measures(request.measures, resource.noun, view.fields, by_currency)
    zone = _zone(call, request.time_zone)
    shape = ("aggregate", view.shape, wanted.shape, _names(groups), _names(measures), request.show_deleted)
    rows = await ask_in_time(
        call,
        shape,
        lambda: _sums(view, groups, measures, matches(view, wanted, request.show_deleted)),
        {
            **wanted.values,
            "aggregate_zone": zone.key,
            "aggregate_week": timedelta(days=call.caller.first_weekday - MONDAY),
            "aggregate_limit": MAX_ROWS + 1,
        },
    )
    if len(rows) > MAX_ROWS:
        raise FilterTooBroad.of("filter", f"makes more than {MAX_ROWS} rows; narrow it, or group by less")
    if not rows and not groups:
        return [AggregateRow(values=[measure.told(None, "") for measure in measures], records_filter=request.filter)]
    told = [_row(call, row, groups, measures, zone, filter) for row in rows]
    _refuse_unlistable(call, resource, told)
    return told


def _sums(view: View, groups: Sequence[Group], measures: Sequence[Measure], found: ColumnElement[bool]) -> Select[Any]:
    """What is measured is named in a subquery first, so that a key made with a bind is the same wherever it stands."""
    in_base = [(at, measure) for at, measure in enumerate(measures) if measure.in_base]
    each = select(
        *(group.key(view.c).label(f"key_{at}") for at, group in enumerate(groups)),
        *(measure.column(view.c).label(f"of_{at}") for at, measure in enumerate(measures)),
        *(measure.left_out(view.c).label(f"without_{at}") for at, measure in in_base),
    )
    one = each.select_from(view.rows).where(found).subquery()
    keys = [one.c[f"key_{at}"] for at in range(len(groups))]
    summed = [measure.over(one.c[f"of_{at}"]).label(f"value_{at}") for at, measure in enumerate(measures)]
    summed += [func.count(one.c[f"without_{at}"]).label(f"left_out_{at}") for at, _ in in_base]
    return (
        select(*keys, func.count().label("records"), *summed)
        .select_from(one)
        .group_by(*keys)
        .order_by(*((key.collate("C") if isinstance(key.type, Text) else key).asc().nulls_last() for key in keys))
        .limit(bindparam("aggregate_limit", type_=Integer))
    )


def _row(
    call: Call, row: Any, groups: Sequence[Group], measures: Sequence[Measure], zone: ZoneInfo, filter: str
) -> AggregateRow:
    values = [row[f"key_{at}"] for at in range(len(groups))]
    terms = [group.term(value, zone) for group, value in zip(groups, values, strict=True)]
    currencies = {group.field.name: value for group, value in zip(groups, values, strict=True) if group.is_currency}

    def told(at: int, measure: Measure) -> AggregateValue:
        value = row[f"value_{at}"]
        if measure.in_base:
            return measure.told(value, call.caller.base_currency, row[f"left_out_{at}"])
        return measure.told(value, currencies[measure.field.name] if measure.of_money and measure.field else "")

    return AggregateRow(
        keys=[group.text(value) for group, value in zip(groups, values, strict=True)],
        count=row["records"],
        values=[told(at, measure) for at, measure in enumerate(measures)],
        records_filter=" AND ".join(filter_ for filter_ in (filter, *terms) if filter_),
    )


def _refuse_unlistable(call: Call, resource: Resource[Message], rows: Sequence[AggregateRow]) -> None:
    """A row promises a filter that List takes; all rows have the same terms, only the texts differ in length."""
    if rows:
        filter_for(call, resource, rows[0].records_filter)
    if any(len(row.records_filter) > MAX_LENGTH for row in rows):
        raise InvalidArgument.of("group_by", "the values of a field are too long to group by")


def _zone(call: Call, name: str) -> ZoneInfo:
    if not name:
        return call.caller.time_zone
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise InvalidArgument.of("time_zone", f"{name!r} is no time zone of the IANA's") from None


def _names(parts: Sequence[Group] | Sequence[Measure]) -> tuple[str, ...]:
    return tuple(part.name for part in parts)
