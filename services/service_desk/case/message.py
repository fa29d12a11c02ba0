"""A line in the journal of a case."""

from chassis.call import Call
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import Case
from service_desk.case.case import CASE_MESSAGES


async def say(call: Call, case: Case, message: CaseMessage) -> CaseMessage:
    """It belongs to who owns the case now. What a user writes themselves names its author."""
    message.case_id, message.owner_id, message.team_id = case.id, case.owner_id, case.team_id
    if message.direction != CaseMessage.INBOUND and not call.caller.is_service:
        message.author_id = str(call.caller.user_id)
    return await CASE_MESSAGES.create(call, message)
