"""`kith import`: a file of customers becomes records, through the API, with its faults in a file beside it."""

import csv
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any

import grpc
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.home import Home, Trouble
from cli.said import as_json, say

PIECE_BYTES, SECONDS, LOOK_SECONDS = 4_000_000, 30.0, 0.3
NOUNS = {"account": "contacts.account", "contact": "contacts.contact"}
MODES = ("create", "update", "upsert")
ENDED = ("COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED")
# What a spreadsheet would reckon out instead of showing it.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line."""

    noun: str
    mapping: Sequence[str]
    key_fields: Sequence[str]
    mode: str
    encoding: str
    delimiter: str
    external_system: str
    currency: str
    dry_run: bool
    skip_bad_values: bool


class Door:
    """The import jobs of contacts, as the owner of one API key sees them."""

    def __init__(self, channel: grpc.Channel, key: str) -> None:
        from kith.contacts.v1 import import_job_pb2_grpc as stubs  # built when the protos change

        self._stub, self._metadata = stubs.ImportJobsStub(channel), (("authorization", f"Bearer {key}"),)

    def ask(self, rpc: str, request: Any) -> Any:
        """Raises Trouble with what the service says."""
        try:
            return getattr(self._stub, rpc)(request, timeout=SECONDS, metadata=self._metadata, wait_for_ready=True)
        except grpc.RpcError as error:
            raise Trouble(f"{error.details()}.") from None


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV file.")],
    noun: Annotated[str, typer.Option(help=f"What its rows are: {' or '.join(NOUNS)}.")],
    map: Annotated[list[str] | None, typer.Option("--map", help="column=field; column= leaves it out.")] = None,
    key: Annotated[list[str] | None, typer.Option("--key", help="Fields by which rows find their records.")] = None,
    mode: Annotated[str, typer.Option(help=f"What a row may do: {', '.join(MODES)}.")] = "upsert",
    encoding: Annotated[str, typer.Option(help="Found if not said: utf-8, gb18030, big5, shift_jis …")] = "",
    delimiter: Annotated[str, typer.Option(help="Found if not said.")] = "",
    external_system: Annotated[str, typer.Option(help="Whose ids the external_ids column holds.")] = "",
    currency: Annotated[str, typer.Option(help="Of amounts that do not say theirs.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be, and keep nothing.")] = False,
    skip_bad_values: Annotated[bool, typer.Option("--skip-bad-values", help="Take rows in without them.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Where faults are written; FILE.errors.csv if not said.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Take in a file; status 1 if a row did not go in. Stopped here, it goes on by itself."""
    if noun not in NOUNS or mode not in MODES:
        raise Trouble(f"A noun is {' or '.join(NOUNS)}, a mode one of {', '.join(MODES)}.", 2)
    demo = Home.here().read("demo.json")
    if not demo:
        raise Trouble("Nothing runs; run: kith up")
    wish = Wish(
        *(NOUNS[noun], map or [], key or [], mode.upper(), encoding, delimiter, external_system, currency),
        *(dry_run, skip_bad_values),
    )
    with grpc.insecure_channel(demo["grpc"]["contacts"]) as channel:
        door = Door(channel, demo["api_key"])
        job = _run(door, file, wish, quiet=json)
        written = write_errors(door, job.id, errors or file.with_name(f"{file.name}.errors.csv"))
    _tell(job, written, json)
    if job.progress.rejected or _state(job) not in ("COMPLETED", "COMPLETED_WITH_ERRORS"):
        raise typer.Exit(1)


def _run(door: Door, file: Path, wish: Wish, quiet: bool) -> Any:
    from kith.contacts.v1 import import_job_pb2 as pb

    job = upload(door, file, wish)
    job = door.ask("AnalyseImport", pb.AnalyseImportRequest(id=job.id))
    job = _apply(door, job, wish)
    certainty = pb.ImportJob.Certainty.Name(job.encoding_certainty)
    if certainty == "UNSURE":
        raise Trouble(f"It may be {job.encoding}, but there is too little to tell; say --encoding {job.encoding}.", 2)
    if not quiet:
        say(
            f"{job.encoding} ({certainty.lower()}), rows find their records by {', '.join(job.key_fields) or 'nothing'}"
        )
        for one in job.mapping:
            say(f"  {one.column} -> {one.field or 'left out'}")
    door.ask("StartImport", pb.StartImportRequest(id=job.id))
    return wait(door, job.id, quiet)


def upload(door: Door, file: Path, wish: Wish) -> Any:
    """In pieces, each known by where it begins."""
    from kith.contacts.v1 import import_job_pb2 as pb

    fields = {name: getattr(wish, name) for name in ("noun", "mode", "encoding", "delimiter", "external_system")}
    job = pb.ImportJob(
        **fields,
        file_name=file.name,
        currency_code=wish.currency,
        dry_run=wish.dry_run,
        skip_bad_values=wish.skip_bad_values,
    )
    with file.open("rb") as content:
        pieces = _pieces(content)
        job = door.ask("CreateImportJob", pb.CreateImportJobRequest(import_job=job, content=next(pieces, b"")))
        for piece in pieces:
            more = pb.AppendImportContentRequest(id=job.id, offset=job.size_bytes, content=piece)
            job = door.ask("AppendImportContent", more)
    return job


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(PIECE_BYTES):
        yield piece


def _apply(door: Door, job: Any, wish: Wish) -> Any:
    """What was said of columns and keys, over what was found. Raises Trouble for a column the file has not."""
    from kith.contacts.v1 import import_job_pb2 as pb

    said = dict(one.rpartition("=")[::2] for one in wish.mapping)
    if unknown := said.keys() - set(job.columns):
        raise Trouble(f"The file has no column {', '.join(sorted(unknown))}; it has {', '.join(job.columns)}.", 2)
    changed = pb.ImportJob(id=job.id, key_fields=wish.key_fields or job.key_fields)
    for one in job.mapping:
        mapped = pb.ImportJob.ColumnMapping(column=one.column, field=one.field, kind=one.kind)
        if one.column in said:
            mapped = pb.ImportJob.ColumnMapping(column=one.column, field=said[one.column])
        changed.mapping.append(mapped)
    if not wish.key_fields:
        fields = {one.field for one in changed.mapping}
        changed.key_fields[:] = [key for key in job.key_fields if key in fields]
    if not said and not wish.key_fields:
        return job
    return door.ask("UpdateImportJob", pb.UpdateImportJobRequest(import_job=changed))


def wait(door: Door, id: str, quiet: bool) -> Any:
    """Until it ends, with a bar where somebody looks on."""
    from kith.contacts.v1 import import_job_pb2 as pb

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(file=sys.stderr), disable=quiet or not sys.stderr.isatty()) as bar:
        task = bar.add_task("rows", total=None)
        while True:
            job = door.ask("GetImportJob", pb.GetImportJobRequest(id=id))
            bar.update(task, completed=job.progress.done, total=job.progress.total or None)
            if _state(job) in ENDED:
                return job
            time.sleep(LOOK_SECONDS)


def write_errors(door: Door, id: str, file: Path) -> Path | None:
    """All that did not go in, as a spreadsheet opens it; None, and no file, where everything did."""
    from kith.contacts.v1 import import_job_pb2 as pb

    page = door.ask("ListImportErrors", pb.ListImportErrorsRequest(id=id, page_size=200))
    if not page.errors:
        return None
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["line", "column", "value", "reason", "message", "left_out"])
        while True:
            for one in page.errors:
                texts = (one.column, one.value, one.reason, one.message)
                rows.writerow([one.line, *map(harmless, texts), "yes" if one.left_out else ""])
            if not page.next_page_token:
                return file
            more = pb.ListImportErrorsRequest(id=id, page_size=200, page_token=page.next_page_token)
            page = door.ask("ListImportErrors", more)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text


def _state(job: Any) -> str:
    name: str = type(job).State.Name(job.state)
    return name


def _tell(job: Any, written: Path | None, json: bool) -> None:
    progress = job.progress
    counts = {name: getattr(progress, name) for name in ("total", "created", "updated", "unchanged", "rejected")}
    if json:
        told = {"id": job.id, "state": _state(job), "encoding": job.encoding, "problem": job.problem}
        as_json(told | counts | {"errors": str(written) if written else ""})
        return
    if job.problem:
        say(f"It failed: {job.problem}.")
    would = "would be " if job.dry_run else ""
    say(", ".join(f"{counts[name]} {would}{name}" for name in ("created", "updated", "unchanged", "rejected")))
    if written:
        say(f"What did not go in is in {written}.")
