"""What did not go in, and why."""

from chassis.call import Call
from chassis.resource.pages import keys_in, page_size, write_token
from contacts.import_job import store
from contacts.import_job.import_job import IMPORT_JOBS
from kith.contacts.v1.import_job_pb2 import ListImportErrorsRequest, ListImportErrorsResponse


async def list_import_errors(call: Call, request: ListImportErrorsRequest) -> ListImportErrorsResponse:
    """In the order of the file. Values of fields that are not the caller's to see are left out.

    Raises NotFound, InvalidArgument.
    """
    job = await IMPORT_JOBS.get(call, request.id, deleted=True)
    question = ("import errors", str(call.caller.tenant_id), str(call.caller.user_id), request.id)
    line, number = keys_in(call.means.secret, request.page_token, question) or ["0", "0"]
    size = page_size(request.page_size)
    rows = await store.errors_after(call, job.id, int(line or 0), int(number or 0), size + 1)
    hidden = call.caller.cannot_filter(job.noun)
    reply = ListImportErrorsResponse(errors=[store.error_of(row, hidden) for row in rows[:size]])
    if len(rows) > size:
        last = rows[size - 1]
        reply.next_page_token = write_token(call.means.secret, [last["line"], last["number"]], question)
    return reply
