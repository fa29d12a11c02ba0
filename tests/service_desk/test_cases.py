"""Cases as those who work on them see them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.testing.bad_input import never_internal
from chassis.testing.serving import Refused, refusal
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import Case
from tests.service_desk.desk import WAYS, Desk
from tests.service_desk.people import FIELD, SUPPORT

NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")
ASK = {"body": "Which version?", "wait_for_customer": True}
HEARD = {"body": "Version 7", "direction": "INBOUND"}
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "assign": ("AssignCase", {}),
    "answer": ("ReplyToCase", {"body": "Done"}),
    "ask": ("ReplyToCase", ASK),
    "hear": ("ReplyToCase", HEARD),
    "note": ("ReplyToCase", {"body": "He called again", "kind": "INTERNAL_NOTE"}),
    "resolve": ("ResolveCase", {"resolution": "Restarted it"}),
    "reopen": ("ReopenCase", {"reason": "Still broken"}),
    "close": ("CloseCase", {}),
    "cancel": ("CancelCase", {"reason": "Spam"}),
}
# What each step does to a case in each state: the state it leads to, or the reason it is refused with.
TABLE = """
                  assign    answer    ask               hear      note              resolve   reopen        close         cancel
NEW               OPEN      OPEN      PENDING_CUSTOMER  NEW       NEW               RESOLVED  NOT_RESOLVED  NOT_RESOLVED  CANCELLED
OPEN              OPEN      OPEN      PENDING_CUSTOMER  OPEN      OPEN              RESOLVED  NOT_RESOLVED  NOT_RESOLVED  CANCELLED
PENDING_CUSTOMER  PENDING_CUSTOMER  OPEN  PENDING_CUSTOMER  OPEN  PENDING_CUSTOMER  RESOLVED  NOT_RESOLVED  NOT_RESOLVED  CANCELLED
RESOLVED          NOT_OPEN  RESOLVED  NOT_OPEN          OPEN      RESOLVED          NOT_OPEN  OPEN          CLOSED        NOT_OPEN
CLOSED            NOT_OPEN  NOT_OPEN  NOT_OPEN          NOT_OPEN  NOT_OPEN          NOT_OPEN  CASE_CLOSED   NOT_RESOLVED  NOT_OPEN
CANCELLED         NOT_OPEN  NOT_OPEN  NOT_OPEN          NOT_OPEN  NOT_OPEN          NOT_OPEN  CASE_CLOSED   NOT_RESOLVED  NOT_OPEN
"""  # fmt: skip  # noqa: E501
_HEAD, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row[0])
async def test_every_step_is_taken_or_refused_by_name(desk: Desk, row: list[str]) -> None:
    agent = desk.as_("agent")
    for step, leads_to in zip(_HEAD, row[1:], strict=True):
        case = await desk.opened(state=row[0])
        rpc, given = STEPS[step]
        more = {"owner_id": desk.id_of("agent")} if step == "assign" else {}
        called = getattr(agent, rpc)(id=case.id, **given, **more)
        if leads_to in WAYS:
            assert Case.State.Name((await called).state) == leads_to, step
        else:
            assert (await refusal(called)).reason == leads_to, step
            assert await agent.GetCase(id=case.id) == case


async def test_numbers_count_from_one_without_a_gap_however_many_come_at_once(desk: Desk) -> None:
    agent = desk.as_("agent")
    wrong = [refusal(agent.CreateCase(case={"display_name": "x", "type": 99})) for _ in range(5)]
    lost = [refusal(agent.CreateCase(case={"display_name": "x", "queue_id": desk.id_of("agent")})) for _ in range(5)]
    late = [refusal(agent.CreateCase(case={"display_name": "x", "external_ids": [{"system": "s", "id": "1"}] * 2}))]
    trial = [agent.CreateCase(case={"display_name": "x"}, validate_only=True) for _ in range(5)]
    twins = [agent.CreateCase(case={"display_name": "twin"}, request_id="one") for _ in range(5)]
    right = [agent.CreateCase(case={"display_name": "x"}) for _ in range(20)]
    answers = await asyncio.gather(*wrong, *lost, *late, *trial, *twins, *right)
    assert len({case.id for case in answers[16:21]}) == 1
    stored = (await desk.as_("admin").ListCases(order_by="number")).cases
    assert [case.number for case in stored] == list(range(1, 22))
    assert (await desk.as_("stranger").CreateCase(case={"display_name": "x"})).number == 1


async def test_until_it_is_assigned_a_case_is_the_queues_team_s(desk: Desk) -> None:
    case = await desk.opened("technician")
    assert (case.queue_id, case.team_id, case.state) == (desk.queue, str(SUPPORT), Case.NEW)
    assert (await desk.as_("colleague").GetCase(id=case.id)).id == case.id
    moved = await desk.as_("colleague").UpdateCase(case={"id": case.id, "queue_id": desk.field, "priority": "HIGH"})
    assert (moved.team_id, moved.priority) == (str(FIELD), Case.HIGH)
    assert await refusal(desk.as_("colleague").GetCase(id=case.id)) == NOT_FOUND
    taken = await desk.as_("technician").AssignCase(id=case.id, owner_id=desk.id_of("technician"))
    assert (taken.state, taken.team_id, taken.owner_id) == (Case.OPEN, str(FIELD), desk.id_of("technician"))
    back = await desk.as_("technician").UpdateCase(case={"id": case.id, "queue_id": desk.queue})
    assert (back.queue_id, back.team_id) == (desk.queue, str(FIELD)), "somebody works on it"
    given = await desk.as_("admin").AssignCase(id=case.id, owner_id=desk.id_of("agent"), team_id=str(SUPPORT))
    assert given.team_id == str(SUPPORT)
    verbs = [verb for verb, _ in await desk.case_events()]
    assert verbs == ["created", "updated", "routed", "assigned", "updated", "assigned"]


async def test_a_tenant_without_queues_has_cases_too(desk: Desk) -> None:
    case = await desk.as_("stranger").CreateCase(case={"display_name": "x"})
    assert (case.queue_id, case.number, case.priority) == ("", 1, Case.NORMAL)


async def test_the_first_answer_is_counted_once_and_every_message_has_its_author(desk: Desk) -> None:
    agent, case = desk.as_("agent"), await desk.opened()
    note = await agent.ReplyToCase(id=case.id, body="Looks like the cache", kind="INTERNAL_NOTE")
    heard = await agent.ReplyToCase(id=case.id, **HEARD)
    assert not note.HasField("first_response_time")
    assert not heard.HasField("first_response_time")
    first = await agent.ReplyToCase(id=case.id, body="Please restart")
    second = await agent.ReplyToCase(id=case.id, **ASK)
    assert first.first_response_time == second.first_response_time
    assert second.last_message_time.ToNanoseconds() > first.last_message_time.ToNanoseconds()
    said = (await agent.ListCaseMessages(order_by="create_time")).case_messages
    me = desk.id_of("agent")
    assert [(one.kind, one.direction, one.author_id) for one in said] == [
        (CaseMessage.INTERNAL_NOTE, 0, me),
        (CaseMessage.PUBLIC_REPLY, CaseMessage.INBOUND, ""),
        (CaseMessage.PUBLIC_REPLY, CaseMessage.OUTBOUND, me),
        (CaseMessage.PUBLIC_REPLY, CaseMessage.OUTBOUND, me),
    ]
    events = [event for verb, event in await desk.case_events() if verb == "replied"]
    assert [event.details.message.body for event in events] == [one.body for one in said]
    assert (await desk.as_("technician").ListCaseMessages()).case_messages == []
    assert [one.id for one in (await agent.ListCaseMessages(filter="cache")).case_messages] == [said[0].id]


async def test_a_repeated_reply_is_said_once(desk: Desk) -> None:
    agent, case = desk.as_("agent"), await desk.opened()
    replies = [agent.ReplyToCase(id=case.id, body="Done", request_id="once") for _ in range(4)]
    assert len({reply.etag for reply in await asyncio.gather(*replies)}) == 1
    assert len((await agent.ListCaseMessages()).case_messages) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "x", "kind": "SYSTEM"}, "kind"),
        ({"body": "x", "kind": "INTERNAL_NOTE", "wait_for_customer": True}, "wait_for_customer"),
        ({"body": "x", "direction": "INBOUND", "wait_for_customer": True}, "wait_for_customer"),
        ({"body": "x", "kind": "INTERNAL_NOTE", "direction": "INBOUND"}, "direction"),
    ],
)
async def test_a_message_that_cannot_be_is_refused(desk: Desk, given: dict[str, Any], field: str) -> None:
    case = await desk.opened()
    refused = await refusal(desk.as_("agent").ReplyToCase(id=case.id, **given))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", [field])
    assert await desk.as_("agent").GetCase(id=case.id) == case


async def test_a_case_cannot_be_reopened_for_ever(desk: Desk) -> None:
    agent, case = desk.as_("agent"), await desk.opened(state="RESOLVED")
    long_ago = 'update "case" set resolved_time = resolved_time - $1::interval'
    await desk.served.admin.execute(long_ago, timedelta(days=31))
    for called in (agent.ReopenCase(id=case.id), agent.ReplyToCase(id=case.id, **HEARD)):
        assert (await refusal(called)).reason == "REOPEN_WINDOW_OVER"


async def test_why_it_was_reopened_is_a_note(desk: Desk) -> None:
    case = await desk.opened(state="RESOLVED")
    again = await desk.as_("agent").ReopenCase(id=case.id, reason="Still broken")
    assert (again.state, again.reopen_count, again.HasField("resolved_time")) == (Case.OPEN, 1, False)
    (note,) = (await desk.as_("agent").ListCaseMessages()).case_messages
    assert (note.kind, note.body) == (CaseMessage.INTERNAL_NOTE, "Still broken")


async def test_a_queue_that_is_waited_in_stays(desk: Desk) -> None:
    admin, case = desk.as_("admin"), await desk.opened()
    assert (await refusal(admin.DeleteQueue(id=desk.queue))).reason == "QUEUE_IN_USE"
    await desk.as_("agent").CancelCase(id=case.id)
    assert (await admin.DeleteQueue(id=desk.queue)).HasField("delete_time")
    refused = await refusal(admin.CreateCase(case={"display_name": "x", "queue_id": desk.queue}))
    assert list(refused.fields) == ["case.queue_id"]


async def test_one_queue_is_the_default(desk: Desk) -> None:
    admin = desk.as_("admin")
    assert (await refusal(admin.CreateQueue(queue={"display_name": "x", "default": True}))).code == "ALREADY_EXISTS"
    await admin.UpdateQueue(queue={"id": desk.queue}, update_mask={"paths": ["default"]})
    await admin.UpdateQueue(queue={"id": desk.field, "default": True})
    assert (await desk.opened()).queue_id == desk.field


async def test_what_the_desk_says_of_a_case_is_not_its_writers_to_say(desk: Desk) -> None:
    agent = desk.as_("agent")
    made = await agent.CreateCase(case={"display_name": "x", "number": 99, "state": "CLOSED", "resolution": "x"})
    assert (made.number, made.state, made.resolution) == (1, Case.NEW, "")
    refused = await refusal(agent.UpdateCase(case={"id": made.id, "state": "CLOSED"}, update_mask={"paths": ["state"]}))
    assert refused.code == "INVALID_ARGUMENT"


async def test_nothing_anybody_sends_is_internal(desk: Desk) -> None:
    ids = [(await desk.opened("admin")).id, (await desk.opened("admin", "RESOLVED")).id, desk.queue]
    await never_internal(desk.served, "admin", ids)
