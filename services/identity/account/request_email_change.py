"""Has a link sent to another e-mail of the caller's own; nothing changes before it is followed."""

from chassis.call import Call
from identity.account.current_password import refuse_wrong
from identity.mails import mails
from identity.user.rules import normal_email
from kith.identity.v1.account_pb2 import RequestEmailChangeRequest, RequestEmailChangeResponse


async def request_email_change(call: Call, request: RequestEmailChangeRequest) -> RequestEmailChangeResponse:
    """Whether somebody else has that e-mail is found out, and not told, when the link is followed.

    Raises InvalidArgument for a wrong password, TooManyAttempts.
    """
    await refuse_wrong(call, request.current_password)
    await mails.ask_for_email(call, call.caller.user_id, normal_email(request.email))
    return RequestEmailChangeResponse()
