"""What can be told of a file before it is taken in."""

import re
from collections.abc import AsyncIterator

from chassis.call import Call
from chassis.custom.schema import Defined
from chassis.resource.moved import may_move
from contacts.import_job import columns, layout
from contacts.import_job.encoding import find_encoding, read_as
from contacts.import_job.rules import NotTabular
from contacts.import_job.store import next_content
from contacts.import_job.targets import target_of
from kith.contacts.v1.import_job_pb2 import ImportJob

HEAD_BYTES, WINDOW_BYTES, SAMPLE_BYTES = 256 * 1024, 32 * 1024, 1024 * 1024
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


async def analyse(call: Call, job: ImportJob) -> None:
    """Fill in what nobody said: encoding, layout, columns, mapping, keys, mode. Raises NotTabular."""
    sample = b"".join([part async for part in _sample(call, job)])
    if not sample.strip():
        raise NotTabular("the file is empty")
    if not job.encoding or job.encoding_certainty in (ImportJob.LIKELY, ImportJob.UNSURE):
        _find_encoding(job, sample)
    elif not job.encoding_certainty:
        job.encoding_certainty = ImportJob.SAID
    _find_layout(job, sample[:HEAD_BYTES], may_move(call.caller, job.noun), call.caller.custom.of(job.noun))


async def _sample(call: Call, job: ImportJob) -> AsyncIterator[bytes]:
    """The beginning of the file, and of each of its pieces some lines that are not ASCII; no letter is cut in two."""
    start = taken = 0
    while piece := await next_content(call, job.id, start):
        begin = _line_after(piece, 0)
        if not start:
            begin = len(piece) if len(piece) <= HEAD_BYTES else piece.rfind(b"\n", 0, HEAD_BYTES) + 1 or HEAD_BYTES
            yield piece[:begin]
            if b"\0" in piece[:begin]:
                return  # letters of two bytes, which lines cannot be cut out of
        while taken < SAMPLE_BYTES and (found := _BEYOND_ASCII.search(piece, begin)):
            begin = piece.rfind(b"\n", begin, found.start()) + 1 or begin
            window = piece[begin : _line_after(piece, begin + WINDOW_BYTES)]
            yield window
            taken, begin = taken + len(window), _line_after(piece, begin + max(len(window), len(piece) // 8))
        start += len(piece)


def _line_after(piece: bytes, place: int) -> int:
    return piece.find(b"\n", place) + 1 or len(piece)


def _find_encoding(job: ImportJob, sample: bytes) -> None:
    found = find_encoding(sample)
    if found is None:
        raise NotTabular("the file is no text")
    job.encoding, job.encoding_certainty = found.encoding, found.certainty


def _find_layout(job: ImportJob, head: bytes, moves: bool, known: Defined | None) -> None:
    text = head.decode(read_as(job.encoding), errors="replace").lstrip("\ufeff")
    if len(head) >= HEAD_BYTES:
        text = text[: text.rfind("\n") + 1] or text
    job.quote = job.quote or layout.find_quote(text)
    job.delimiter = job.delimiter or layout.find_delimiter(text, job.quote)
    rows = layout.rows_of(text, job.delimiter, job.quote)
    if not rows:
        raise NotTabular("the file has no rows")
    if not job.header:
        job.header = ImportJob.PRESENT if layout.names_columns(rows[0]) else ImportJob.ABSENT
    headed = job.header == ImportJob.PRESENT
    widest = max(map(len, rows))
    first = rows[0] if headed else [str(place) for place in range(1, widest + 1)]
    job.columns[:] = layout.column_names(first)
    _map(job, rows[1:] if headed else rows, moves, known)


def _map(job: ImportJob, rows: list[list[str]], moves: bool, known: Defined | None) -> None:
    if not job.mapping or not {one.column for one in job.mapping} <= set(job.columns):
        del job.mapping[:]
        job.mapping.extend(columns.propose(target_of(job.noun).resource, job.columns, rows, moves=moves, known=known))
    job.mode = job.mode or ImportJob.UPSERT
    if not job.key_fields:
        job.key_fields.extend(columns.keys(job.noun, job.mapping))
