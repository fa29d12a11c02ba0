"""A mail is a job: a row in the caller's transaction, sealed, and sent under one Message-ID however often it is tried.

    await send(call, Mail…)     joins the transaction: no mail for what was undone, none lost for what was done

A server that took it and whose answer was lost gets it again: nobody can rule that out (RFC 5321, 6.1). The
Message-ID is the job's, so mailboxes show it once.
"""

import logging
from datetime import datetime

from chassis.call import Call
from chassis.clock import now
from chassis.crash import crash_point
from chassis.ids import new_id
from chassis.jobs.jobs import Job
from chassis.mail.post import MailRefused
from kith.v1.mail_pb2 import Mail, MailText

log = logging.getLogger(__name__)


async def send(call: Call, address: str, said: MailText, until: datetime | None = None) -> None:
    """Have `said` be sent to `address` once the call commits; not any more after `until`."""
    assert call.means.post is not None, "this process was given no way to send mail"
    id = new_id()
    mail = Mail(address=address, sealed=call.means.post.seal(id, said))
    if until:
        mail.expire_time.FromDatetime(until)
    await call.schedule(send_mail, mail, id=id)


async def send_mail(job: Job, request: Mail) -> None:
    """The job. While the server is away it waits; what the server will never take is given up at once."""
    post = job.calls.means.post
    assert post is not None, "this process was given no way to send mail"
    if request.HasField("expire_time") and request.expire_time.ToDatetime(now().tzinfo) <= now():
        log.warning("mail not sent: it waited too long", extra={"mail_id": str(job.id)})
        return
    message = post.message(job.id, request.address, post.opened(job.id, request.sealed), now())
    try:
        await post.deliver(message)
    except MailRefused as refused:
        log.warning("mail refused by the server", extra={"mail_id": str(job.id), "why": str(refused)})
    crash_point("mail_sent")
