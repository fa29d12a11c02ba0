"""The uploaded file as rows, read from a copy on this machine's disk: a file may be larger than memory."""

import csv
import io
import re
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from chassis.jobs.jobs import Job
from contacts.import_job import layout  # noqa: F401  # it widens csv's limit for one cell
from contacts.import_job.encoding import GB_2022, read_as
from contacts.import_job.rules import NotTabular
from contacts.import_job.store import next_content
from kith.contacts.v1.import_job_pb2 import ImportJob

_PRIVATE = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # of the file, where it begins; the first is 1
    cells: list[str]


class Table:
    """Rows by their number, from 0 on; empty ones are none. Forwards is cheap, backwards begins anew."""

    def __init__(self, file: IO[bytes], job: ImportJob) -> None:
        self._file, self._encoding = file, read_as(job.encoding)
        self._headed = job.header != ImportJob.ABSENT
        self._format = {"delimiter": job.delimiter or ",", "quotechar": job.quote or '"'}
        self._rows, self._at = self._read(), 0

    def count(self) -> int:
        """Raises NotTabular for a table that breaks off."""
        return sum(1 for _ in self._read())

    def take(self, start: int, number: int) -> list[Row]:
        """Raises NotTabular for a table that breaks off."""
        if start < self._at:
            self.close()
            self._rows, self._at = self._read(), 0
        found: list[Row] = []
        for row in self._rows:
            self._at += 1
            if self._at > start:
                found.append(row)
            if len(found) == number:
                break
        return found

    def close(self) -> None:
        """Before the file is."""
        self._rows.close()

    def _read(self) -> Generator[Row, None, None]:
        self._file.seek(0)
        encoding = "utf-8-sig" if self._encoding == "utf-8" else self._encoding
        text = io.TextIOWrapper(self._file, encoding, errors="replace", newline="")
        try:
            yield from self._parse(text)
        finally:
            text.detach()  # the file outlives this reading of it

    def _parse(self, text: io.TextIOWrapper) -> Iterator[Row]:
        lines = map(_public, text) if self._encoding == "gb18030" else text
        reader = csv.reader(lines, **self._format)  # type: ignore[arg-type]  # names and values are csv's own
        headed, line = self._headed, 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    if not headed:
                        yield Row(line, cells)
                    headed = False
                line = reader.line_num + 1
        except csv.Error as problem:
            raise NotTabular(f"from line {line} on it is no table: {problem}", line=str(line)) from None


@asynccontextmanager
async def copied(job: Job, record: ImportJob) -> AsyncIterator[Table]:
    """The file of an import on the disk, for as long as the block lasts."""
    with TemporaryFile(prefix="kith-import-") as file:
        size = 0
        while True:
            async with job.piece() as call:
                content = await next_content(call, record.id, size)
            if not content:
                break
            file.write(content)
            size += len(content)
        table = Table(file, record)
        try:
            yield table
        finally:
            table.close()


def _public(line: str) -> str:
    return line.translate(GB_2022) if _PRIVATE.search(line) else line
