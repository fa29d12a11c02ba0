"""buf finds the contract well formed, and sees what is not and what would break a client."""

import shutil
import subprocess
from pathlib import Path

import pytest

from protos.generate import HERE
from protos.lint import last_release, lint

AUTHOR = ["-c", "user.name=kith", "-c", "user.email=kith@example.com"]
pytestmark = pytest.mark.skipif(not shutil.which("npx"), reason="buf comes by npx, and there is no Node.js here")


def test_the_contract_is_well_formed_and_breaks_no_client_of_the_last_release() -> None:
    """Quality 4, 5, 7, 24; where there is no release yet, the golden bytes of tests/contract stand alone."""
    assert lint(against=last_release()) == []


def test_what_is_no_longer_as_it_was_released_is_named(tmp_path: Path) -> None:
    """Quality 5, 24: an event's field that is gone; one that is new is fine."""
    file = tmp_path / "protos/kith/sales/v1/lead.proto"
    shutil.copytree(HERE / "kith", tmp_path / "protos/kith")
    assert last_release(tmp_path) == ""
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "released"], ["tag", "v0.9.0"], ["tag", "voyage"]):
        subprocess.run(["git", "-C", str(tmp_path), *AUTHOR, *words], check=True)
    assert last_release(tmp_path) == "v0.9.0"
    released = file.read_text(encoding="utf-8")
    event = "message LeadEvent {"
    file.write_text(released.replace(event, event + "\n  // Why.\n  string why = 99;"), encoding="utf-8")
    assert lint("v0.9.0", tmp_path / "protos", tmp_path) == []
    gone = "  // Names of the fields that differ.\n  repeated string changed_fields = 4;\n"
    assert gone in released
    file.write_text(released.replace(gone, ""), encoding="utf-8")
    objections = "\n".join(lint("v0.9.0", tmp_path / "protos", tmp_path))
    assert 'Previously present field "4" with name "changed_fields" on message "LeadEvent" was deleted' in objections


def test_what_is_ill_formed_or_would_break_clients_is_named(tmp_path: Path) -> None:
    shutil.copytree(HERE / "kith", tmp_path / "kith")
    file = tmp_path / "kith/sales/v1/pipeline.proto"
    text = file.read_text(encoding="utf-8")
    renamed = text.replace("int32 position = 21", "int32 Rank = 21")
    assert renamed != text
    file.write_text(renamed, encoding="utf-8")
    objections = "\n".join(lint(against="HEAD", protos=tmp_path))
    assert 'Field name "Rank" should be lower_snake_case' in objections
    assert 'changed option "json_name" from "position" to "Rank"' in objections
