"""How an import goes, and what it needs; plain functions, tested without a server."""

from collections.abc import Collection

from chassis.errors import AlreadyExists, FailedPrecondition, InvalidArgument, ResourceExhausted
from kith.contacts.v1.import_job_pb2 import ImportJob

LARGEST_BYTES = 500_000_000
ENDED = (ImportJob.COMPLETED, ImportJob.COMPLETED_WITH_ERRORS, ImportJob.FAILED, ImportJob.CANCELLED)


class NotInState(FailedPrecondition): ...


class OffsetMismatch(FailedPrecondition): ...


class NotTabular(FailedPrecondition): ...


class MappingIncomplete(FailedPrecondition): ...


class EncodingUnsure(FailedPrecondition): ...


class FileTooLarge(ResourceExhausted): ...


class TooManyCells(InvalidArgument): ...


class MissingKey(InvalidArgument): ...


class DuplicateRow(AlreadyExists): ...


class AmbiguousMatch(FailedPrecondition): ...


def refuse_unless(job: ImportJob, *states: ImportJob.State.ValueType) -> None:
    """Raises NotInState."""
    if job.state not in states:
        name = ImportJob.State.Name(job.state)
        raise NotInState(f"the import is {name}", state=name)


def grow(job: ImportJob, offset: int, length: int) -> bool:
    """Whether a piece is new. Raises NotInState, OffsetMismatch, FileTooLarge."""
    refuse_unless(job, ImportJob.UPLOADED)
    if offset + length <= job.size_bytes:
        return False
    if offset != job.size_bytes:
        size = str(job.size_bytes)
        raise OffsetMismatch(f"the file goes on at {size}", size_bytes=size)
    if offset + length > LARGEST_BYTES:
        raise FileTooLarge(f"a file has at most {LARGEST_BYTES} bytes")
    job.size_bytes = offset + length
    return True


def refuse_unready(job: ImportJob, needed: Collection[str]) -> None:
    """Before a run. Raises NotInState, EncodingUnsure, MappingIncomplete.

    `needed` are fields of which a record wants one.
    """
    refuse_unless(job, ImportJob.ANALYSED)
    if job.encoding_certainty == ImportJob.UNSURE:
        raise EncodingUnsure(f"it may be {job.encoding}; say which it is", encoding=job.encoding)
    mapped = {one.field for one in job.mapping if one.field}
    if not mapped.intersection(needed) and job.mode != ImportJob.UPDATE:
        raise MappingIncomplete(f"none of {', '.join(needed)} is mapped", missing=",".join(needed))
    unmapped = [key for key in job.key_fields if key not in mapped]
    if unmapped or (job.mode in (ImportJob.UPDATE, ImportJob.UPSERT) and not job.key_fields):
        names = unmapped or ["key_fields"]
        raise MappingIncomplete(f"rows find their records by {', '.join(names)}", missing=",".join(names))
