"""When segments are looked at again, and which conditions a filter is made of."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.resource.filter import parse
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.segment import rules
from marketing.segment.conditions import conditions

SHANGHAI, KATHMANDU, BERLIN = map(ZoneInfo, ("Asia/Shanghai", "Asia/Kathmandu", "Europe/Berlin"))


@pytest.mark.parametrize(
    ("now", "zone", "relative", "due"),
    [
        ("2026-12-31T15:30:00", SHANGHAI, True, "2026-12-31T16:00:01"),  # the new year there
        ("2026-05-04T10:15:00", SHANGHAI, True, "2026-05-04T11:00:01"),
        ("2026-05-04T18:05:00", KATHMANDU, True, "2026-05-04T18:15:01"),  # 05:45 ahead: midnight falls between hours
        ("2026-05-04T18:59:00", SHANGHAI, False, "2026-05-04T19:00:00"),
        ("2026-05-04T19:00:00", SHANGHAI, False, "2026-05-05T19:00:00"),
        ("2026-03-28T23:30:00", BERLIN, False, "2026-03-29T01:00:00"),  # the night an hour is left out
    ],
)
def test_the_next_look_is_when_something_may_differ(now: str, zone: ZoneInfo, relative: bool, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert rules.next_look(moment, zone, relative=relative) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@given(
    st.integers(1_577_836_800, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from([SHANGHAI, KATHMANDU, BERLIN, ZoneInfo("America/Santiago"), ZoneInfo("UTC")]),
)
def test_looks_are_ahead_and_never_far(now: datetime, zone: ZoneInfo) -> None:
    hourly, nightly = (rules.next_look(now, zone, relative=relative) for relative in (True, False))
    assert now < hourly <= now + timedelta(hours=1, seconds=1)
    assert now < nightly <= now + timedelta(hours=25)
    assert now + timedelta(seconds=1) < rules.next_count(now) <= now + timedelta(seconds=6)
    assert rules.next_look(hourly, zone, relative=True) > hourly


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last_won_time = this_year", [("last_won_time = this_year", "last_won_time")]),
        ("NOT (industry=Robotics OR region:x)", [("industry = Robotics", "industry"), ("region:x", "region")]),
        ("NOT accountId:* 张伟", [("NOT accountId:*", "account_id"), ("张伟", "")]),
        ('display_name = "AND" AND "NOT"', [('display_name = "AND"', "display_name"), ('"NOT"', "")]),
        ("won_amount.currency_code = CNY", [("won_amount.currency_code = CNY", "won_amount")]),
    ],
)
def test_a_filter_is_made_of_its_conditions(text: str, expected: list[tuple[str, str]]) -> None:
    parse(text, CONTACT_FACTS.noun)
    assert [tuple(one) for one in conditions(text)] == expected
    for one in conditions(text):
        parse(one.expression, CONTACT_FACTS.noun)
