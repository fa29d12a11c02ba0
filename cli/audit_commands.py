"""`kith audit`: takes the audit trail out, and looks whether it holds, here or in a copy and without us."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer

from chassis.audit.chain import Walk, Wrong
from chassis.audit.seal import head_bytes, is_sealed
from cli.home import Home, Trouble
from cli.said import as_json, say

SECONDS = 60.0
app = typer.Typer(no_args_is_help=True, help="The audit trail: who did what, in a chain that shows tampering.")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Faults = list[tuple[int, str]]
SAID = {
    "REMOVED": "entries are missing from {} on",
    "ALTERED": "entry {} is not what it was",
    "MOVED": "entry {} does not follow on the one before it",
    "HEAD": "the head at {} is not sealed by this installation, or not the end",
}


@app.command()
def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to; one entry a line, in JSON, the head last.")],
) -> None:
    """Write the whole trail of the tenant into a file; that is an entry of the trail, too."""
    from google.protobuf.json_format import MessageToDict

    count = 0
    with file.open("w", encoding="utf-8") as out:
        for page in _pages():
            for entry in page.audit_entries:
                out.write(_line(MessageToDict(entry, preserving_proto_field_name=True)))
                count += 1
            head = page.head
        out.write(_line({"head": MessageToDict(head, preserving_proto_field_name=True)}))
    say(f"{count} entries are in {file}; its public key is {head.public_key}.")


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="An export; else what runs.")] = None,
    key: Annotated[str, typer.Option("--key", help="The public key that you noted when you made the export.")] = "",
    as_program: Json = False,
) -> None:
    """Whether nothing was removed, altered or moved; status 1 if anything was."""
    count, public_key, faults = _verified_file(file, key) if file else _verified(key)
    if as_program:
        found = [{"sequence": at, "kind": kind} for at, kind in faults]
        as_json({"sound": not faults, "entries": count, "public_key": public_key, "faults": found})
    else:
        for at, kind in faults:
            say(SAID[kind].format(at))
        say(f"{count} entries, {'sound' if not faults else 'not sound'}; sealed with {public_key}.")
    if faults:
        raise typer.Exit(1)


def _verified_file(file: Path, key: str) -> tuple[int, str, Faults]:
    """Without a key it is verified with the one it brings, which says only that it is whole."""
    walk, head = Walk(""), None
    try:
        with file.open(encoding="utf-8") as lines:
            head = next(said["head"] for said in map(json.loads, lines) if "head" in said)
        walk.tenant_id = head["tenant_id"]
        with file.open(encoding="utf-8") as lines:
            for said in map(json.loads, lines):
                if "head" not in said:
                    walk.see(said)
        at, hash, seal = int(head.get("sequence", 0)), str(head["hash"]), str(head.get("seal", ""))
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        raise Trouble(f"{file} is no export of an audit trail: {error!r}.", 2) from None
    sealed = is_sealed(key or head["public_key"], seal, head_bytes(walk.tenant_id, at, hash))
    walk.end(at, hash, sealed=sealed or not at)
    return walk.sequence, str(head["public_key"]), [(at, wrong.name) for at, wrong in walk.faults]


def _verified(key: str) -> tuple[int, str, Faults]:
    from kith.identity.v1 import audit_entry_pb2 as pb

    faults: Faults = []
    at = 0
    while True:
        found = _ask("VerifyAuditChain", pb.VerifyAuditChainRequest(after_sequence=at))
        faults += [(one.sequence, pb.ChainFault.Kind.Name(one.kind)) for one in found.faults]
        done = found.faults or found.verified_sequence in (at, found.head.sequence)
        at = found.verified_sequence
        if done:
            break
    if key and found.head.public_key != key:
        faults.append((at, Wrong.HEAD.name))
    return at, found.head.public_key, faults


def _pages() -> Iterator[Any]:
    from kith.identity.v1 import audit_entry_pb2 as pb

    at = 0
    while True:
        page = _ask("ExportAuditEntries", pb.ExportAuditEntriesRequest(after_sequence=at))
        yield page
        if not page.has_more:
            return
        at = page.audit_entries[-1].sequence


def _ask(rpc: str, request: Any) -> Any:
    """Raises Trouble with what the service says."""
    from kith.identity.v1 import audit_entry_pb2_grpc as stubs

    demo = Home.here().read("demo.json")
    if not demo:
        raise Trouble("Nothing runs; run: kith up")
    metadata = (("authorization", f"Bearer {demo['api_key']}"),)
    with grpc.insecure_channel(demo["grpc"]["identity"]) as channel:
        try:
            return getattr(stubs.AuditEntriesStub(channel), rpc)(request, timeout=SECONDS, metadata=metadata)
        except grpc.RpcError as error:
            raise Trouble(f"{error.details()}.") from None


def _line(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
