"""Ids that sort by their moment, and those of events, which are always the same."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from chassis.ids import event_id, new_id

AT = datetime(2026, 3, 4, 5, 6, 7, 891000, tzinfo=UTC)
TENANT, RECORD = uuid4(), uuid4()


def test_the_id_of_a_change_is_always_the_same_and_nobody_elses() -> None:
    made = event_id(AT, TENANT, "sales.lead", RECORD, 1)
    assert made == event_id(AT, TENANT, "sales.lead", RECORD, 1)
    others = {
        event_id(AT, uuid4(), "sales.lead", RECORD, 1),
        event_id(AT, TENANT, "sales.leads", RECORD, 1),
        event_id(AT, TENANT, "sales.lead", uuid4(), 1),
        event_id(AT, TENANT, "sales.lead", RECORD, 2),
        event_id(AT, TENANT, "sales.lead", RECORD, 11),
    }
    assert len(others - {made}) == 5


def test_both_are_version_7_and_sort_by_their_moment() -> None:
    early = event_id(AT - timedelta(milliseconds=1), TENANT, "sales.lead", RECORD, 9)
    late = event_id(AT, TENANT, "sales.lead", RECORD, 1)
    for made in (early, late, new_id()):
        assert (UUID(str(made)).version, UUID(str(made)).variant) == (7, "specified in RFC 4122")
    assert early < late < new_id()
    assert late.int >> 80 == int(AT.timestamp() * 1000)
